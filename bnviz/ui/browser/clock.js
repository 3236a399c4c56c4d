// One clock for the page. Charts are ordinary Plotly figures; each frame is named after its
// training step. The reader moves the clock, and every chart shows the frame of that name.

const WHOLE_RUN = 6000; // milliseconds from the first step to the last
const ANSWER = 3000; // the same, for the run that answers a question
const SLOWEST_DRAW = 1500; // a chart removed while it draws never answers; wait no longer
const NONE_MOVES = 800; // milliseconds without a picture that could be played
const PLAY = "M7 4v16l13-8z";
const PAUSE = "M6 4h4v16H6zM14 4h4v16h-4z";
const SKIP = "M5 4v16l10-8zM16 4h3v16h-3z";
const IN_LINK = "clock"; // the step, where it is not the last one
const LATER =
  "This picture follows the clock. What it shows at the end of the run is told here once the" +
  " clock stands there.";
const KEEPS_ITS_KEYS =
  "input, textarea, select, button, a, summary, canvas, [contenteditable=true], [role=slider]," +
  "[role=tab], [role=radio], [role=option], [role=combobox], [role=menu], [role=dialog]";

// Where each clock stands. Kept outside of the component: Streamlit may mount it anew at any
// time. The path is part of the name, so that every lesson starts at the end of its own run.
const places = (window.bnvizClockPlaces ??= new Map());

// Which frame a chart shows, by its data array: Streamlit puts fresh data into a node that is
// already there (when the theme changes, for one), and old data into a new node.
const seen = new WeakMap();
const SETTLING = 250; // milliseconds: an animation started while Streamlit still sizes a chart
// may lose its axis ranges

// What a figure says to those who listen: at the end of the run, and now.
const spoken = new WeakMap();

// It keeps the end to itself until then, as the sentences on the page do, see frame.css.
function speak(chart, moment) {
  const figure = chart.closest("[role=figure]");
  const label = figure?.getAttribute("aria-label");
  if (!label) return;
  if (label !== spoken.get(figure)?.now) spoken.set(figure, { end: label }); // Streamlit's own
  const { end } = spoken.get(figure);
  const now = { before: LATER, within: `At the end of the run: ${end}`, end }[moment];
  if (label !== now) figure.setAttribute("aria-label", now);
  spoken.set(figure, { end, now });
}

const frameOf = (chart, step) => chart._transitionData?._frameHash?.[String(step)];

async function draw(chart, frame) {
  seen.get(chart.data).name = frame.name; // frames are rebuilt now and then, names are not
  // Without a redraw Plotly moves lines, markers and bars only, and drops the heatmaps and
  // contours of a subplot in which it has moved a line.
  const redraw = frame.layout || chart._fullData.some((trace) => !trace._module?.animatable);
  const options = { mode: "immediate", transition: { duration: 0 } };
  options.frame = { duration: 0, redraw: Boolean(redraw) };
  const tooLate = new Promise((resolve) => setTimeout(resolve, SLOWEST_DRAW));
  try {
    await Promise.race([window.Plotly.animate(chart, [frame.name], options), tooLate]);
  } catch {
    // The chart went away, or another animation took over: the next look puts it right.
  }
}

// Into the address, without a word to the server.
function intoLink(step) {
  if (!location.protocol.startsWith("http")) return; // a file has no address to be sent
  const url = new URL(location);
  if (step === null) url.searchParams.delete(IN_LINK);
  else url.searchParams.set(IN_LINK, step);
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}

function fromLink() {
  const asked = new URL(location).searchParams.get(IN_LINK);
  return /^\d{1,6}$/.test(asked ?? "") ? Number(asked) : null;
}

export default function clock({ parentElement, data: { key, label, steps, names = [], trains = true, play = "" } }) {
  parentElement.stopClock?.(); // Streamlit calls this again on every change, without cleaning up
  const bar = parentElement.querySelector(".bnviz-clock");
  const [button, range, output] = bar.children;
  const last = steps.length - 1;
  const told = (i) => names[i] ?? `step ${steps[i]} of ${steps[last]}`;

  const name = `${location.pathname} ${key}`;
  const linked = fromLink();
  const place = places.get(name) ?? { step: linked, atEnd: linked === null, playing: false };
  places.set(name, place);
  const answers = Boolean(play) && place.played !== play; // a question has just been answered
  if (answers) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    Object.assign(place, { played: play, step: steps[0], atEnd: calm, playing: false, answers: !calm });
  }
  let index = last;
  if (!place.atEnd) {
    const distance = steps.map((step) => Math.abs(step - place.step));
    index = distance.indexOf(Math.min(...distance));
  }

  let alive = true;
  let drawing = false;
  let looking = 0; // the next look for charts to draw: an animation frame …
  let lookingAgain = 0; // … and a late one, because Plotly adds frames after it has drawn
  let ticking = 0;
  let writing = 0;

  // --- drawing: one round at a time, always towards the latest step, nothing is queued
  async function sync() {
    if (drawing || !alive) return;
    drawing = true;
    for (;;) {
      const stale = [];
      for (const chart of document.getElementsByClassName("js-plotly-plot")) {
        const frame = frameOf(chart, steps[index]);
        if (!frame || !chart.getClientRects().length) continue; // still, or hidden for now
        sizes.observe(chart);
        if (trains) speak(chart, moment());
        if (!seen.has(chart.data)) {
          // Fresh data equals the last frame, by convention.
          seen.set(chart.data, { name: String(steps[last]), since: performance.now() });
          setTimeout(sync, SETTLING + 20);
        }
        const { name: current, since } = seen.get(chart.data);
        const settled = performance.now() - since > SETTLING;
        if (settled && current !== frame.name) stale.push(draw(chart, frame));
      }
      if (!stale.length || !alive) break;
      await Promise.all(stale);
    }
    drawing = false;
  }

  function look() {
    looking ||= requestAnimationFrame(() => {
      looking = 0;
      sync();
    });
    clearTimeout(lookingAgain);
    lookingAgain = setTimeout(sync, 300);
  }

  // --- the bar
  function goTo(target) {
    index = Math.max(0, Math.min(last, Math.round(target)));
    Object.assign(place, { step: steps[index], atEnd: index === last });
    const text = told(index);
    range.value = index;
    range.setAttribute("aria-valuetext", text);
    if (output.textContent !== text) output.textContent = text;
    if (index === last) place.answers = false;
    say();
    remember();
    sync();
  }

  function remember() {
    clearTimeout(writing);
    if (place.playing || !trains) return;
    writing = setTimeout(() => alive && intoLink(index === last ? null : steps[index]), 300);
  }

  // What tells the end of the run is on the page from the end on, and not while the clock stands
  // at the start, or plays an answer. The style sheet reads this.
  function say() {
    if (trains) document.body.dataset.clock = moment();
  }

  function moment() {
    if (place.answers || index === 0) return "before";
    return index < last ? "within" : "end";
  }

  // An answer is played once all pictures show the start; until then they are not seen at all.
  function playWhenReady(since = performance.now()) {
    if (!alive) return;
    const charts = [...document.getElementsByClassName("js-plotly-plot")];
    const waited = performance.now() - since;
    if (waited > NONE_MOVES && !charts.some((chart) => chart._transitionData?._frames.length)) {
      document.body.dataset.played = play;
      return moveByHand(last); // there is nothing to be watched
    }
    const fresh = (chart) => frameOf(chart, steps[index]) && chart.getClientRects().length;
    const ready = charts.some(fresh) && charts.filter(fresh).every(
      (chart) => seen.get(chart.data)?.name === String(steps[index]));
    if (!ready && waited < 4000) return setTimeout(playWhenReady, 60, since);
    document.body.dataset.played = play;
    if (place.answers) setPlaying(true);
  }

  function setPlaying(on) {
    place.playing = on;
    const word = !on ? "Play" : place.answers ? "Skip to the end of" : "Pause";
    button.setAttribute("aria-label", trains ? `${word} the training` : word);
    button.title = word.replace(/ of$/, "");
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${!on ? PLAY : place.answers ? SKIP : PAUSE}"/></svg>`;
    cancelAnimationFrame(ticking);
    if (!on) return remember();
    let position = index;
    let before = performance.now();
    const tick = (now) => {
      // A page in the background gets no ticks: on return, go on from where it stood.
      position += (Math.min(now - before, 250) / (place.answers ? ANSWER : WHOLE_RUN)) * last;
      before = now;
      if (!drawing && Math.floor(position) > index) goTo(Math.floor(position));
      if (index === last) setPlaying(false);
      else ticking = requestAnimationFrame(tick);
    };
    ticking = requestAnimationFrame(tick);
  }

  function toggle() {
    if (place.playing && place.answers) return moveByHand(last);
    if (!place.playing && index === last) goTo(0);
    setPlaying(!place.playing);
  }

  function moveByHand(target) {
    if (place.playing) setPlaying(false);
    goTo(target);
  }

  function onKey(event) {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest?.(KEEPS_ITS_KEYS)) return;
    if (event.key === "ArrowLeft") moveByHand(index - 1);
    else if (event.key === "ArrowRight") moveByHand(index + 1);
    else if (event.key === "Home") moveByHand(0);
    else if (event.key === "End") moveByHand(last);
    else if (event.key === " " && !event.repeat) toggle();
    else return;
    event.preventDefault(); // the page would scroll
  }

  // --- charts come, go and change size whenever they like
  const arrivals = new MutationObserver(look);
  const sizes = new ResizeObserver(look); // a tab opened: its charts were hidden until now
  arrivals.observe(document.body, { childList: true, subtree: true });
  document.addEventListener("keydown", onKey);
  button.onclick = toggle;
  range.oninput = () => moveByHand(range.valueAsNumber);

  bar.setAttribute("aria-label", label);
  range.setAttribute("aria-label", label);
  range.max = last;
  output.style.setProperty("--label-width", `${Math.max(...steps.map((_, i) => told(i).length))}ch`);
  goTo(index);
  setPlaying(place.playing);
  look();
  if (answers && place.answers) setTimeout(playWhenReady, SETTLING);
  else document.body.dataset.played = play;

  const hook = {
    steps,
    goTo: moveByHand,
    get index() { return index; },
    get step() { return steps[index]; },
    get playing() { return place.playing; },
    get answers() { return Boolean(place.answers); },
    get settled() { return !drawing && !looking; },
  };
  window.bnvizClock = hook; // for tests, and for pictures that are not Plotly's

  const stop = () => {
    alive = false;
    arrivals.disconnect();
    sizes.disconnect();
    document.removeEventListener("keydown", onKey);
    cancelAnimationFrame(looking);
    cancelAnimationFrame(ticking);
    clearTimeout(lookingAgain);
    clearTimeout(writing);
    delete document.body.dataset.clock;
    if (window.bnvizClock === hook) delete window.bnvizClock;
  };
  parentElement.stopClock = stop;
  return stop;
}
