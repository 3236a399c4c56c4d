// A lesson as a file: its pictures are drawn from what stands in it, and follow the page's own clock.

const told = (name) => JSON.parse(document.getElementById(name).textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");

// Plotly's program stands here packed.
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const program = document.createElement("script");
  program.textContent = await new Response(stream).text();
  document.head.append(program);
}

async function drawAll(pictures) {
  for (const [place, { name, figure }] of pictures.entries()) {
    const chart = document.getElementById(`bnviz-picture-${place}`);
    const { data, layout, frames } = recoloured(figure, dark.matches ? "dark" : "light");
    const config = {
      displaylogo: false, responsive: true, modeBarButtons: [["toImage"]],
      toImageButtonOptions: { format: "svg", filename: name },
    };
    await window.Plotly.newPlot(chart, { data, layout, frames, config });
  }
}

await unpack(told("bnviz-plotly"));
const { pictures, clock: data } = told("bnviz-page");
await drawAll(pictures);
dark.addEventListener("change", () => drawAll(pictures));
const foot = document.getElementById("bnviz-foot");
if (foot) clock({ parentElement: foot, data });
document.body.dataset.ready = "";
