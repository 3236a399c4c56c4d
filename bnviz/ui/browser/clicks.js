export default function ({ parentElement, data: { key }, setTriggerValue }) {
  parentElement.stopListening?.(); // Streamlit calls this again on every change
  const heard = new WeakSet(); // charts come and go; each is asked once
  let alive = true;
  const tell = ({ points: [point] }) => {
    const { x, y, customdata } = point;
    if (alive) setTriggerValue("chosen", [customdata ?? [x, y]].flat());
  };
  const listen = () => {
    for (const chart of document.querySelectorAll(`.st-key-${key} .js-plotly-plot`)) {
      if (heard.has(chart) || !chart.on) continue;
      heard.add(chart);
      chart.on("plotly_click", tell);
      chart.classList.add("bnviz-choose");
    }
  };
  const look = setInterval(listen, 250);
  const stop = () => { alive = false; clearInterval(look); };
  parentElement.stopListening = stop;
  return stop;
}
