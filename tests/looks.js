// What a reader would see at a glance and a test does not: in words, each fault on this page.
() => {
  const faults = [];
  const seen = (node) => {
    const { visibility, display, opacity } = getComputedStyle(node);
    return visibility !== "hidden" && display !== "none" && Number(opacity) > 0;
  };

  // The corners of a text as it lies on the screen; an axis title stands on its end.
  const corners = (node) => {
    const { x, y, width, height } = node.getBBox();
    const matrix = node.getScreenCTM();
    return [[0, 0], [1, 0], [1, 1], [0, 1]].map(([right, down]) =>
      new DOMPoint(x + right * width, y + down * height).matrixTransform(matrix));
  };

  // How deep two quadrilaterals lie in each other, in pixels, by the sides that part them best.
  const depth = (one, other) => {
    let least = Infinity;
    for (const shape of [one, other]) {
      shape.forEach((a, i) => {
        const b = shape[(i + 1) % 4];
        const side = Math.hypot(b.x - a.x, b.y - a.y) || 1;
        const across = ({ x, y }) => ((b.y - a.y) * x - (b.x - a.x) * y) / side;
        const [p, q] = [one.map(across), other.map(across)];
        least = Math.min(
          least, Math.max(...p) - Math.min(...q), Math.max(...q) - Math.min(...p));
      });
    }
    return least;
  };

  const TOUCH = 2; // pixels: a box is a little larger than its letters
  const MARKS = ".trace path, .points path, .hm image, .contour path, .trace image";
  for (const chart of document.querySelectorAll(".js-plotly-plot")) {
    if (!chart.getClientRects().length) continue; // folded away
    const name = chart.closest("[class*=st-key-]").className.match(/st-key-(\S+)/)[1];
    const frame = chart.getBoundingClientRect();
    const texts = [...chart.querySelectorAll("svg text")]
      .filter((node) => node.textContent.trim() && seen(node) && !node.closest(".hoverlayer"))
      .map((node) => ({ said: node.textContent, box: corners(node) }));
    if (!texts.length) faults.push(`${name}: a chart without a word`);
    if (!chart.querySelector(MARKS)) faults.push(`${name}: an empty chart`);
    texts.forEach(({ said, box }, place) => {
      const [xs, ys] = [box.map((point) => point.x), box.map((point) => point.y)];
      const out = Math.max(
        frame.left - Math.min(...xs), Math.max(...xs) - frame.right,
        frame.top - Math.min(...ys), Math.max(...ys) - frame.bottom);
      if (out > TOUCH) faults.push(`${name}: “${said}” leaves the figure`);
      for (const other of texts.slice(place + 1)) {
        if (depth(box, other.box) > TOUCH) faults.push(`${name}: “${said}” on “${other.said}”`);
      }
    });
  }

  const app = document.querySelector("[data-testid=stApp]");
  const words = document.createTreeWalker(app, NodeFilter.SHOW_TEXT, ({ parentElement }) =>
    parentElement.closest(".katex, style, script, code, pre")
      ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  while (words.nextNode()) {
    const text = words.currentNode.textContent;
    if (/\$|\\[a-z]+|\]\(|\*\*/i.test(text)) faults.push(`source of a text: ${text.slice(0, 80)}`);
  }
  for (const node of document.querySelectorAll(".katex-error, [data-testid=stException]")) {
    faults.push(`an error: ${node.textContent.slice(0, 200)}`);
  }

  for (const node of document.querySelectorAll('[class*="-answer-"] button *')) {
    const cut = node.clientWidth && node.scrollWidth > node.clientWidth + 1;
    if (cut) faults.push(`an answer is cut off: ${node.textContent}`);
  }

  const main = document.querySelector("[data-testid=stMain]");
  if (document.documentElement.scrollWidth > innerWidth) faults.push("wider than the window");
  if (main.scrollWidth > main.clientWidth) faults.push("the page scrolls sideways");
  return faults;
}
