// What a term means, in place: a card under its link, at a look, a tap or the keyboard's focus.

const SOON = 150; // milliseconds of looking before it opens, and of looking away before it closes
const LINK = 'a[href^="glossary"][href*="#"]'; // with options or without

let says = {}; // anchor -> [term, sentence]
let card, link, pinned, waiting;

const within = (target) => target.closest?.('[data-testid="stMain"]') && target.closest(LINK);
const anchorOf = (a) => a.getAttribute("href").split("#")[1];

function close() {
  clearTimeout(waiting);
  link?.removeAttribute("aria-describedby");
  card?.remove();
  card = link = undefined;
  pinned = false;
}

function open(a) {
  const [word, sentence] = says[anchorOf(a)] ?? [];
  if (!sentence || a === link) return;
  close();
  link = a;
  card = document.createElement("div");
  card.id = "bnviz-term";
  card.setAttribute("role", "tooltip");
  const { color, backgroundColor } = getComputedStyle(document.querySelector(".stApp"));
  Object.assign(card.style, { color, backgroundColor });
  const name = document.createElement("b"), more = document.createElement("a");
  name.textContent = word;
  more.href = a.href;
  more.target = "_blank";
  more.textContent = "In the glossary";
  card.append(name, ` ${sentence} `, more);
  card.addEventListener("pointerenter", () => clearTimeout(waiting));
  card.addEventListener("pointerleave", away);
  document.body.append(card);
  a.setAttribute("aria-describedby", card.id);
  place();
}

function place() {
  const at = link.getClientRects()[0] ?? link.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const below = at.bottom + 6 + height < innerHeight - 60; // the clock stands at the foot
  card.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  card.style.top = `${Math.max(8, below ? at.bottom + 6 : at.top - 6 - height)}px`;
}

function soon(act) {
  clearTimeout(waiting);
  waiting = setTimeout(act, SOON);
}

function away() {
  if (!pinned) soon(close);
}

function listen() {
  document.addEventListener("pointerover", (event) => {
    const a = within(event.target);
    if (a && event.pointerType === "mouse" && !pinned) soon(() => open(a));
  });
  document.addEventListener("pointerout", (event) => {
    if (within(event.target) && event.pointerType === "mouse") away();
  });
  document.addEventListener("focusin", (event) => {
    const a = within(event.target);
    if (a) open(a);
    else if (!card?.contains(event.target)) close();
  });
  document.addEventListener("click", (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const a = within(event.target);
    if (a && says[anchorOf(a)]) {
      event.preventDefault(); // not into a new tab: the card leads there
      open(a);
      pinned = true;
    } else if (!card?.contains(event.target)) close();
  }, true);
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
  addEventListener("scroll", () => card && close(), true);
}

export default function ({ data }) {
  says = data.says;
  if (link && !link.isConnected) close();
  if (document.bnvizTerms) return;
  document.bnvizTerms = true;
  listen();
}
