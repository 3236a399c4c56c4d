// A presenter's keys. A clicker sends PageDown and PageUp; space and arrows are the clock's own.

const TYPING =
  "input:not([type=range]), textarea, select, [contenteditable=true], [role=combobox]," +
  "[role=listbox], [role=dialog]";

const box = '[class*="-challenge"]';
const buttons = (kind) =>
  [...document.querySelectorAll(`${box} [class*="-${kind}-"] :is(button, .bnviz-planned)`)];
const busy = () =>
  document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "running";

// The answer's run to its end; the answer; the next question.
function onward() {
  const clock = window.bnvizClock;
  if (clock?.answers) return clock.goTo(clock.steps.length - 1);
  const onwards = (one) => !one.closest("[class*=-question-back-], [class*=-question-again]");
  (buttons("answer").at(-1) ?? buttons("question").find(onwards))?.click();
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (event.key === "Escape" && document.body.hasAttribute("data-full")) return fill(false);
  if (!["PageDown", "PageUp"].includes(event.key) || event.target.closest?.(TYPING)) return;
  if (!document.querySelector(box)) return; // words alone: the page moves
  event.preventDefault(); // neither the page nor a slider moves
  event.stopPropagation();
  if (event.repeat || busy()) return;
  if (event.key === "PageDown") onward();
  else buttons("question-back").at(0)?.click();
}

// The picture and its clock alone, on the whole screen where the browser lets us.
function fill(on) {
  document.body.toggleAttribute("data-full", on);
  for (const button of document.querySelectorAll(".bnviz-full"))
    button.textContent = on ? "Leave full screen" : "Full screen";
  if (on) document.documentElement.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen();
}

// A button that was clicked gives the keys back to the clock.
function onClick(event) {
  if (event.target.closest?.(".bnviz-full")) fill(!document.body.hasAttribute("data-full"));
  if (event.detail) setTimeout(() => document.activeElement?.closest("button")?.blur());
}

export default function ({ parentElement }) {
  parentElement.stopPresenting?.(); // Streamlit calls this again on every change
  const left = () => !document.fullscreenElement && fill(false);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("click", onClick);
  document.addEventListener("fullscreenchange", left);
  const stop = () => {
    document.removeEventListener("keydown", onKey, true);
    document.removeEventListener("click", onClick);
    document.removeEventListener("fullscreenchange", left);
    fill(false);
  };
  parentElement.stopPresenting = stop;
  return stop;
}
