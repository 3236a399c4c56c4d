// On paper, pictures are light and as wide as the page: each is drawn once more for it, beside the
// one on the screen, which the clock and the reader go on to use, see paper.css.

const PAPER = 896; // pixels of a page's width, at which a picture's words are of the size of a book's
const COPY = "bnviz-on-paper";

const charts = () => [...document.querySelectorAll(`.js-plotly-plot:not(.${COPY})`)]
  .filter((one) => one.getClientRects().length && one._fullLayout);

// What fits into any width, as pictures do.
function fit(chart) {
  const { width, height } = chart._fullLayout;
  chart.style.setProperty("--on-paper", `${width} / ${height}`);
  for (const svg of chart.querySelectorAll(".main-svg")) svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
}

// How many pictures stand side by side there.
function abreast(chart) {
  const row = chart.closest('[data-testid="stHorizontalBlock"], .bnviz-row');
  return row ? [...row.children].filter((one) => one.querySelector(".js-plotly-plot")).length : 1;
}

function ontoPaper(chart, share) {
  const { data, layout } = recoloured({ data: chart.data, layout: chart.layout }, "light");
  const copy = document.createElement("div");
  copy.className = COPY;
  chart.after(copy);
  const size = { width: Math.round(share * PAPER), height: chart._fullLayout.height, autosize: false };
  window.Plotly.newPlot(copy, data, { ...layout, ...size }, { staticPlot: true });
  fit(copy);
  flatten(copy);
}

// A scene in three dimensions is drawn into a canvas of which a printer sees nothing: as an image.
function flatten(chart) {
  for (const id of chart._fullLayout._subplots.gl3d ?? []) {
    const scene = chart._fullLayout[id]._scene, image = new Image();
    image.src = scene.toImage("png");
    image.className = "bnviz-scene";
    const { l, t, w, h } = chart._fullLayout._size, { x, y } = chart._fullLayout[id].domain;
    const { width, height } = chart._fullLayout, part = (some, all) => `${(100 * some) / all}%`;
    Object.assign(image.style, {
      left: part(l + w * x[0], width), width: part(w * (x[1] - x[0]), width),
      top: part(t + h * (1 - y[1]), height), height: part(h * (y[1] - y[0]), height),
    });
    chart.querySelector(".svg-container").append(image);
  }
}

function toPaper() {
  offPaper();
  for (const one of charts()) ontoPaper(one, 1 / abreast(one));
}

function offPaper() {
  for (const copy of document.querySelectorAll(`.${COPY}`)) {
    window.Plotly.purge(copy);
    copy.remove();
  }
}

if (!window.bnvizPaper) {
  window.bnvizPaper = toPaper;
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", offPaper);
}
