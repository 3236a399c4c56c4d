export default function ({ parentElement }) {
  const name = location.hash.slice(1);
  if (!name || parentElement.landed) return; // Streamlit calls this again on every change
  parentElement.landed = true;
  const land = () => {
    const heading = document.getElementById(name);
    if (!heading) return;
    heading.classList.add("bnviz-landed");
    heading.scrollIntoView({ block: "start" });
  };
  // Streamlit scrolls there once, and then fonts, sidebar and boxes find their size.
  const look = setInterval(land, 100);
  const stop = () => {
    clearInterval(look);
    for (const act of ["wheel", "touchstart", "keydown", "pointerdown"])
      window.removeEventListener(act, stop);
  };
  for (const act of ["wheel", "touchstart", "keydown", "pointerdown"])
    window.addEventListener(act, stop, { passive: true });
  setTimeout(stop, 4000);
  return stop;
}
