// The pictures that are on the page now, each with buttons that save it, see pictures.js.

const LONG = 60; // letters of a name

// The first sentence of what it says to those who listen.
function called(chart) {
  const label = chart.closest("[role=figure]")?.getAttribute("aria-label") ?? "Picture";
  const name = label.replace(/^At the end of the run: /, "").split(/[.:] /)[0].replace(/\.$/, "");
  return name.length > LONG ? `${name.slice(0, LONG - 1)}…` : name;
}

function button(text, says, act) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: text, onclick: act });
  if (says) made.setAttribute("aria-label", says);
  return made;
}

function row(chart) {
  const line = document.createElement("li"), name = document.createElement("span");
  name.textContent = called(chart);
  const kinds = ["PNG", "SVG"].map((kind) =>
    button(kind, `${name.textContent}: save as ${kind}`, () => window.bnvizPicture(chart, kind.toLowerCase())));
  line.append(name, ...kinds);
  return line;
}

const drawn = () => [...document.querySelectorAll(".js-plotly-plot:not(.bnviz-on-paper)")]
  .filter((one) => one.getClientRects().length && one._fullLayout);

export default function ({ parentElement }) {
  clearInterval(parentElement.looking); // Streamlit calls this again without cleaning up
  const box = parentElement.querySelector(".pictures"), list = document.createElement("ul");
  let before = [];
  const fill = () => {
    const now = drawn();
    if (now.length === before.length && now.every((one, i) => one === before[i])) return;
    before = now;
    list.replaceChildren(...now.map(row));
  };
  box.replaceChildren(list, button("Print, or save as PDF", "", () => window.print()));
  fill();
  parentElement.looking = setInterval(fill, 500); // pictures come while the page is being drawn
  return () => clearInterval(parentElement.looking);
}
