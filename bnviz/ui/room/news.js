// Has the class moved on? A small question now and then, none while nobody looks at the page.
export default function ({ data, parentElement, setTriggerValue }) {
  parentElement.stopNews?.(); // Streamlit calls this again on every change
  let alive = true;
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(`room-at/${data.code}`, { cache: "no-store" });
      const now = answer.ok ? await answer.text() : data.at;
      if (alive && now !== data.at) setTriggerValue("moved", now);
    } catch { /* the server is away: it may answer the next time */ }
  };
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
