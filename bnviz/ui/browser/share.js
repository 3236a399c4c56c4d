// Not with what this reader has answered: who opens the link is asked, too.
// Nor with the key of a room, which is its host's alone.
// Nor with localhost, which means another machine to everybody else.
function ownAddress(root) {
  const url = new URL(location);
  for (const key of [...url.searchParams.keys()]) {
    if (key.endsWith("-said") || key.endsWith("-ask") || key === "host") url.searchParams.delete(key);
  }
  if (root) url.host = new URL(root).host;
  return url.href;
}

export default function ({ parentElement, data }) {
  const address = () => data.address || ownAddress(data.root);
  const copied = data.root ? "Link copied" : "Link copied. Only this machine can open it.";
  const button = parentElement.querySelector("button");
  const said = parentElement.querySelector("[role=status]");
  const say = (word) => { said.textContent = word; };
  button.onclick = async () => {
    const written = navigator.clipboard?.writeText(address());
    if (await written?.then(() => true, () => false) || selectedAndCopied(address())) {
      say(copied);
      setTimeout(say, 2500, "");
    } else {
      offer(parentElement, address());
    }
  };
}

// Where the clipboard is closed: the link, marked, to be copied by hand. (A frame has no prompt.)
function offer(parent, text) {
  const label = document.createElement("label"), field = document.createElement("input");
  Object.assign(field, { value: text, readOnly: true });
  label.append("Copy this link:", field);
  parent.append(label);
  field.focus();
  field.select();
  const away = () => label.remove();
  field.onblur = away;
  field.onkeydown = ({ key }) => key === "Escape" && field.blur();
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
