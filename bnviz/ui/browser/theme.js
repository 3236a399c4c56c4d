export default function ({ parentElement, setTriggerValue }) {
  const background = () => getComputedStyle(document.querySelector(".stApp")).backgroundColor;
  const app = document.querySelector("[data-test-connection-state]");
  const connection = () => app.getAttribute("data-test-connection-state");
  let drawn = background(), connected = connection();
  const look = setInterval(() => {
    if (background() !== drawn) {
      drawn = background();
      setTriggerValue("theme", drawn);
    }
    const now = connection();
    if (now !== connected) {
      connected = now;
      if (now === "CONNECTED") setTriggerValue("back", Date.now());
    }
  }, 500);
  return () => clearInterval(look);
}
