// A figure saved as a picture, PNG or SVG: on its own ground, and signed with what it shows, at which
// setting, and where to find it. The mode bar's button asks for the kind; others call bnvizPicture.

const SIGNED = { size: 12, line: 16, edge: 10, most: 240 }; // pixels, and letters of a link
const SHARP = 2; // dots of a PNG for each pixel of the page
const SAVES = '.modebar-btn[data-title^="Download plot"]';

// Where the clock stands, for a picture that follows it.
function stepOf(chart) {
  const clock = window.bnvizClock;
  const moves = clock && chart._transitionData?._frames.some(({ name }) => name === String(clock.step));
  return moves ? document.querySelector(".bnviz-clock output").textContent : "";
}

// The lines below the picture.
function signature(chart) {
  const table = document.querySelector(".bnviz-settings");
  if (!table) return [];
  const inside = chart.closest("details, section")?.querySelector("summary, h2")?.textContent ?? "";
  const turned = [...table.querySelectorAll("tr[data-turned]")]
    .filter(({ dataset }) => inside.includes(dataset.of ?? "")) // a choice of another section says nothing here
    .map(({ cells: [name, chosen] }) => `${name.firstChild.textContent} ${chosen.textContent}`);
  const { question, link, version } = table.dataset;
  const short = link.length > SIGNED.most ? link.split("?")[0] : link;
  return [
    [question, stepOf(chart)].filter(Boolean).join(" · "),
    turned.length ? `Settings: ${turned.join(", ")}; all else as the lesson opens` : "Settings: as the lesson opens",
    `bnviz ${version} · ${short}`,
  ];
}

// The lines, broken where they are wider than the picture.
function broken(lines, width) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${SIGNED.size}px system-ui, sans-serif`;
  const fits = (text) => pen.measureText(text).width <= width;
  const done = [];
  for (const line of lines) {
    let now = "";
    for (const piece of line.match(/[^\s&?]+[\s&?]*|[\s&?]+/g) ?? []) {
      if (now && !fits(now + piece.trimEnd())) done.push(now.trimEnd()), (now = "");
      now += piece;
    }
    done.push(now.trimEnd());
  }
  return done;
}

function element(name, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

// The figure as it stands, as an <svg> with its ground and its signature.
async function signed(chart) {
  const { width, height, paper_bgcolor: fill, font } = chart._fullLayout;
  const text = await window.Plotly.toImage(chart, { format: "svg", width, height, imageDataOnly: true });
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const lines = broken(signature(chart), width - 2 * SIGNED.edge);
  const whole = height + (lines.length ? lines.length * SIGNED.line + SIGNED.edge : 0);
  const size = { width, height: whole, viewBox: `0 0 ${width} ${whole}`, role: "img" };
  for (const [key, value] of Object.entries(size)) svg.setAttribute(key, value);
  svg.prepend(
    element("title", {}, chart.closest("[role=figure]")?.getAttribute("aria-label") ?? ""),
    element("rect", { width, height: whole, fill }),
  );
  const style = { fill: font.color, "font-family": font.family, "font-size": SIGNED.size };
  svg.append(...lines.map((line, i) =>
    element("text", { x: SIGNED.edge, y: height + (i + 0.8) * SIGNED.line, ...style }, line)));
  return { svg, width, height: whole };
}

async function asPng({ svg, width, height }) {
  const image = new Image(width, height), canvas = document.createElement("canvas");
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
  await image.decode();
  Object.assign(canvas, { width: width * SHARP, height: height * SHARP });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

async function asSvg({ svg }) {
  return new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" });
}

const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

// bnviz-race-accuracy-step-120-of-400
function nameOf(chart) {
  const inner = plain(chart._context?.toImageButtonOptions?.filename ?? "").replace(/^bnviz-?/, "");
  const lesson = document.querySelector(".bnviz-settings")?.dataset.lesson ?? "";
  const named = inner === lesson || inner.startsWith(`${lesson}-`);
  return ["bnviz", named ? "" : lesson, inner, plain(stepOf(chart))].filter(Boolean).join("-");
}

async function savePicture(chart, format) {
  const blob = await { png: asPng, svg: asSvg }[format](await signed(chart));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${nameOf(chart)}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// --- the mode bar's button: which kind?
function askForKind(button) {
  const chart = button.closest(".js-plotly-plot"), box = document.createElement("div");
  const { paper_bgcolor: background, font } = chart._fullLayout;
  Object.assign(box, { popover: "auto", className: "bnviz-save" });
  Object.assign(box.style, { background, color: font.color });
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Save this picture as");
  for (const format of ["png", "svg"]) {
    const one = document.createElement("button");
    Object.assign(one, { type: "button", textContent: format.toUpperCase() });
    one.onclick = () => (box.hidePopover(), savePicture(chart, format));
    box.append(one);
  }
  box.addEventListener("toggle", ({ newState }) => newState === "closed" && (box.remove(), button.focus()));
  document.body.append(box);
  box.showPopover();
  const { right, bottom } = button.getBoundingClientRect(), { width, height } = box.getBoundingClientRect();
  box.style.left = `${Math.max(4, right - width)}px`;
  box.style.top = `${Math.min(bottom + 2, innerHeight - height - 4)}px`;
  box.firstChild.focus();
}

function onSave(event) {
  const button = event.target.closest?.(SAVES);
  if (!button) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // Plotly would save it without a signature
  askForKind(button);
}

if (!window.bnvizPicture) {
  window.bnvizPicture = savePicture;
  document.addEventListener("click", onSave, true);
}
