// A student who reloads, or comes back by the room's link, keeps the number: the browser has it.
const NUMBER = /^[0-9a-f]{16}$/;

export default function ({ data, setStateValue }) {
  const key = `bnviz-reader-${data.code}`;
  let number = data.number;
  try {
    const kept = localStorage.getItem(key);
    if (NUMBER.test(kept ?? "")) number = kept;
    else localStorage.setItem(key, number);
  } catch { /* a browser that keeps nothing: the number lasts as long as the page */ }
  if (number !== data.told) setStateValue("number", number);
}
