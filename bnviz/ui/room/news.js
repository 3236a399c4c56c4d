// Where is the class now? A small question now and then; the answer is written without the server.
const paragraph = ({ says, asks, to }) => {
  const line = document.createElement("p");
  line.append(says);
  if (!to) return line;
  const link = document.createElement("a");
  Object.assign(link, { className: "bnviz-to", href: to, textContent: asks });
  line.append(" ", link);
  return line;
};

export default function ({ data, parentElement, setTriggerValue }) {
  parentElement.stopNews?.(); // Streamlit calls this again on every change
  const place = parentElement.querySelector(".bnviz-news");
  let alive = true, told = data.at;
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(`room-at/${data.code}`, { cache: "no-store" });
      const now = answer.ok ? await answer.json() : { at: told };
      if (!alive || now.at === told) return;
      told = now.at;
      place.replaceChildren(...(told === data.at ? [] : [paragraph(now)]));
    } catch { /* the server is away: it may answer the next time */ }
  };
  place.onclick = (event) => { // a link to another lesson is the page's own business
    const link = event.target.closest("a");
    if (link && new URL(link.href).pathname === location.pathname) setTriggerValue("go", told);
  };
  place.replaceChildren();
  const timer = setInterval(look, data.every);
  document.addEventListener("visibilitychange", look);
  const stop = () => {
    alive = false;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
  parentElement.stopNews = stop;
  return stop;
}
