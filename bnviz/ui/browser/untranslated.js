// Where a browser translates the page: figures, formulas, code and numbers stay as they are.

const WHOLE = [".js-plotly-plot", ".katex", "code", "output", '[data-testid="stSliderThumbValue"]',
  '[data-testid="stSelectbox"] [role="combobox"]', '[data-testid="stDataFrame"]']
  .map((one) => `${one}:not([translate])`).join();
// What is computed, which is a new element whenever it is another text, see anew in prose.py.
const TOLD = '[class*="st-key-said-"] [data-testid="stMarkdownContainer"]:not([data-numbers])';
const CELLS = ".bnviz-comparison td:not([translate])";
const NUMBER = /[−+-]?\d(?:[\d.,]*\d)?(?:e[−-]?\d+)?(?:\s%)?/g;

function keep(element) {
  element.setAttribute("translate", "no");
}

// Each number into an element of its own.
function part(text) {
  const found = [...text.data.matchAll(NUMBER)];
  for (const { index, 0: { length } } of found.reverse()) {
    const number = text.splitText(index);
    number.splitText(length);
    const kept = document.createElement("span");
    keep(kept);
    number.replaceWith(kept);
    kept.append(number);
  }
}

function texts(element) {
  const found = [], walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    if (!walk.currentNode.parentElement.closest('[translate="no"]')) found.push(walk.currentNode);
  }
  return found;
}

function look() {
  document.querySelectorAll(WHOLE).forEach(keep);
  for (const cell of document.querySelectorAll(CELLS)) {
    cell.setAttribute("translate", /\p{L}{2}/u.test(cell.textContent) ? "yes" : "no");
  }
  for (const told of document.querySelectorAll(TOLD)) {
    told.dataset.numbers = "";
    texts(told).forEach(part);
  }
}

if (!document.bnvizUntranslated) {
  let waiting = false;
  document.bnvizUntranslated = new MutationObserver(() => {
    if (!waiting) queueMicrotask(() => { waiting = false; look(); });
    waiting = true;
  });
  document.bnvizUntranslated.observe(document.body, { childList: true, subtree: true });
  look();
}
