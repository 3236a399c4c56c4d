const left = new Map(); // a lesson's path -> the settings in its address when it was left
let carried = []; // options that go along from lesson to lesson

// Where a link leads: to its own settings, or as the lesson was left; with the options of now.
function search(there) {
  const asked = [...there.searchParams.keys()].some((name) => !carried.includes(name));
  const settings = new URLSearchParams(asked ? there.search : left.get(there.pathname) ?? "");
  const now = new URL(location).searchParams;
  for (const name of carried) {
    settings.delete(name);
    for (const value of now.getAll(name)) settings.append(name, value);
  }
  return settings.toString();
}

// An address with other options.
function changed(url, { dataset: { less = "", more = "" } }) {
  for (const name of less.split(" ")) url.searchParams.delete(name);
  for (const [name, value] of new URLSearchParams(more)) url.searchParams.set(name, value);
  return url;
}

function show(url) {
  history.pushState({}, "", url);
  dispatchEvent(new PopStateEvent("popstate"));
}

function turn(event) {
  const link = event.target.closest(".bnviz-turn");
  if (!link) return;
  const url = changed(new URL(location), link);
  link.href = url; // where it opens a tab of its own
  const own = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (own || link.target) return;
  event.preventDefault();
  event.stopPropagation();
  show(url);
}

function go(event) {
  const link = event.target.closest('.bnviz-to, [data-testid="stPageLink-NavLink"]');
  const own = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (!link || own) return;
  const menu = link.closest('[data-testid="stSidebar"]');
  const close = menu?.querySelector('[data-testid="stSidebarCollapseButton"] button');
  if (close && matchMedia("(max-width: 768px)").matches) close.click();
  event.preventDefault();
  const there = new URL(link.getAttribute("href") || ".", location); // "" is the front door
  if (there.pathname === location.pathname) return;
  event.stopPropagation();
  left.set(location.pathname, location.search);
  there.search = search(there);
  show(changed(there, link));
  if (link.closest(".bnviz-course")) hold(there.pathname);
}
function hold(path, patience = 50) { // the list may be built anew under the reader's focus
  const link = [...document.querySelectorAll(".bnviz-course .bnviz-to")].find((a) => a.pathname === path);
  const lost = document.activeElement === document.body;
  if (lost) link?.focus({preventScroll: true});
  const still = lost || document.activeElement === link;
  if (still && patience && location.pathname === path) setTimeout(hold, 100, path, patience - 1);
}
function here(patience = 100) {
  const links = document.querySelectorAll(".bnviz-course .bnviz-to");
  if (!links.length && patience) return setTimeout(here, 100, patience - 1); // they are coming
  for (const link of links) {
    const here = link.pathname === location.pathname;
    here ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
    const box = link.closest('[data-testid="stSidebarContent"]');
    if (!here || box.seen === link) continue;
    box.seen = link; // once a page: from then on the list stays where the reader moves it
    const below = link.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom;
    if (below > -40) box.scrollTop += below + box.clientHeight / 2;
  }
}
// Many Tabs lie between Streamlit's own skip link and the clock. A link that leads there stands next
// to it, and is also the first stop of who has followed it.
function skip() {
  const page = document.querySelector('[data-testid="stSkipToContent"]');
  const main = document.querySelector('[data-testid="stMain"]');
  if (!page || !main) return;
  if (!page.parentElement.querySelector(":scope > .bnviz-skip")) page.after(toTheClock(page));
  if (!main.querySelector(":scope > .bnviz-skip")) main.prepend(toTheClock(page));
}
function toTheClock(page) {
  const link = page.cloneNode();
  link.textContent = "Skip to the clock";
  link.classList.add("bnviz-skip");
  link.removeAttribute("data-testid");
  link.onclick = (event) => {
    event.preventDefault();
    const clock = document.querySelector(".bnviz-clock button");
    (clock ?? document.querySelector('[data-testid="stMain"]')).focus();
  };
  return link;
}
export default function ({ data }) {
  carried = data.carried;
  skip();
  here();
  if (document.bnvizGo) return;
  document.bnvizGo = true;
  document.addEventListener("click", go, true);
  for (const way of ["click", "auxclick"]) document.addEventListener(way, turn, true);
}
