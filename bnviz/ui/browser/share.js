export default function ({ parentElement }) {
  const button = parentElement.querySelector("button");
  const said = parentElement.querySelector("[role=status]");
  const say = (word, aloud) => { button.textContent = word; said.textContent = aloud; };
  button.onclick = async () => {
    const written = navigator.clipboard?.writeText(location.href);
    if (await written?.then(() => true, () => false) || selectedAndCopied(location.href)) {
      say("Link copied", "Link copied");
      setTimeout(() => say("Copy link", ""), 2500);
    } else {
      window.prompt("Copy this link:", location.href);
    }
  };
}

// Without https there is no navigator.clipboard: a classroom's address is plain http.
function selectedAndCopied(text) {
  const area = document.createElement("textarea"), before = document.activeElement;
  area.value = text;
  area.style.position = "fixed";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  before?.focus();
  return copied;
}
