// A plane on which the reader puts points of two classes, see ui/drawn_points.py. A drawing is a list of
// points, each with its class and its place on the grid, across and up.

const SVG = "http://www.w3.org/2000/svg";
const PAUSE = 600; // milliseconds after the last change, before the server is told
const NEAR = 1.8; // cells: a click so near to a point means it
const APART = 3; // cells between two points of a drag
const BACK = 100; // changes that can be undone
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const made = (name, attributes) => {
  const one = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  return one;
};

function sign({ sign: shape, colour }, x, y) {
  return shape === "circle"
    ? made("circle", { cx: x, cy: -y, r: 1.35, fill: colour })
    : made("rect", { x: x - 1.2, y: -y - 1.2, width: 2.4, height: 2.4, fill: colour });
}

class Plane {
  points = [];
  cross = [0, 0];
  before = []; // drawings, to go back to
  sent = []; // texts of which the server has not been seen to know
  kind = 0; // the class of the next point

  constructor(root) {
    this.box = root.querySelector(".drawn");
    this.find = (name) => this.box.querySelector(name);
    this.plane = this.find(".plane");
  }

  // Streamlit calls this at every run of the page.
  take(data, tell) {
    this.data = data;
    this.tell = tell;
    this.reach = (data.letters.length - 1) / 2;
    if (!this.ready) this.furnish();
    if (data.points !== this.given) this.adopt(data.points);
    this.box.classList.toggle("off", data.off);
    this.show();
    this.wait(); // what was drawn while the page ran
  }

  // What the server has: an echo of what it was told, or another drawing.
  adopt(text) {
    const first = this.given === undefined, echo = this.sent.indexOf(text);
    this.given = text;
    this.sent.splice(0, echo + 1);
    if (echo >= 0) return;
    clearTimeout(this.waiting);
    this.sent = [];
    const before = this.points;
    this.points = this.read(text);
    if (!first) this.remember(before);
  }

  read(text) {
    const along = (letter) => this.data.letters.indexOf(letter) - this.reach;
    return text.split("-").flatMap((some, kind) =>
      (some.match(/../g) ?? []).map(([x, y]) => ({ kind, x: along(x), y: along(y) })));
  }

  write() {
    const letter = (along) => this.data.letters[along + this.reach];
    return this.data.classes.map((_, kind) => this.points.filter((one) => one.kind === kind)
      .map(({ x, y }) => letter(x) + letter(y)).join("")).join("-");
  }

  // --- what the reader does

  // So that it can be undone, if it changed anything.
  remember(before) {
    if (before !== this.points) this.before = [...this.before, before].slice(-BACK);
    this.show();
  }

  change(points) {
    this.points = points;
    this.show();
    this.wait();
  }

  wait() {
    clearTimeout(this.waiting);
    if (this.unsent()) this.waiting = setTimeout(() => this.send(), PAUSE);
  }

  unsent() {
    return this.write() !== (this.sent.at(-1) ?? this.given);
  }

  send() {
    this.sent.push(this.write());
    this.tell("drawn", this.sent.at(-1));
  }

  nearest(x, y, within) {
    const far = (one) => Math.hypot(one.x - x, one.y - y);
    const [first] = this.points.filter((one) => far(one) <= within).sort((a, b) => far(a) - far(b));
    return first;
  }

  put(x, y) {
    const free = !this.nearest(x, y, 0), room = this.points.length < this.data.most;
    if (free && room) this.change([...this.points, { kind: this.kind, x, y }]);
  }

  remove(point) {
    this.change(this.points.filter((one) => one !== point));
  }

  at(event) {
    const { left, top, width, height } = this.plane.getBoundingClientRect();
    const held = (along) => Math.max(-this.reach, Math.min(this.reach, Math.round(along)));
    const size = 2 * this.reach + 4; // of the view box
    return [
      held(((event.clientX - left) / width - 0.5) * size),
      held((0.5 - (event.clientY - top) / height) * size),
    ];
  }

  down(event) {
    if (this.data.off || event.button) return;
    const [x, y] = this.at(event), point = this.nearest(x, y, NEAR), before = this.points;
    this.dragged = point ? undefined : [x, y];
    this.cross = [x, y];
    if (point) this.remove(point);
    else this.put(x, y);
    this.remember(before); // with all that a drag adds
    if (!point) this.plane.setPointerCapture?.(event.pointerId);
  }

  // A drag leaves points along its way, a little beside it.
  move(event) {
    if (!this.dragged) return;
    const [x, y] = this.at(event);
    if (Math.hypot(x - this.dragged[0], y - this.dragged[1]) < APART) return;
    this.dragged = [x, y];
    const beside = (along) => {
      const moved = along + Math.round(2 * Math.random() - 1);
      return Math.max(-this.reach, Math.min(this.reach, moved));
    };
    this.put(beside(x), beside(y));
  }

  key(event) {
    event.stopPropagation(); // an arrow is not for the clock
    if (event.target !== this.plane || event.ctrlKey || event.metaKey || event.altKey) return;
    const [x, y] = this.cross, way = ARROWS[event.key], kind = Number.parseInt(event.key, 10);
    if (way) {
      const along = (place, by) => {
        const moved = place + by * (event.shiftKey ? 5 : 1);
        return Math.max(-this.reach, Math.min(this.reach, moved));
      };
      this.cross = [along(x, way[0]), along(y, way[1])];
      this.show();
    } else if (this.data.classes[kind]) {
      this.choose(kind);
    } else if (this.data.off || !this.act(event.key, x, y)) {
      return;
    }
    event.preventDefault();
  }

  act(key, x, y) {
    const point = this.nearest(x, y, NEAR), before = this.points;
    const puts = key === " " || key === "Enter", removes = key === "Delete" || key === "Backspace";
    if (puts) this.put(x, y);
    if (removes && point) this.remove(point);
    this.remember(before);
    return puts || removes;
  }

  choose(kind) {
    this.kind = kind;
    this.box.querySelectorAll("input")[kind].checked = true;
  }

  undo() {
    if (this.before.length) this.change(this.before.pop());
  }

  clear() {
    const before = this.points;
    this.change([]);
    this.remember(before);
  }

  // --- what is to be seen and heard

  // Once: what stays as it is.
  furnish() {
    this.ready = true;
    const { says, classes, label, ground, rim, ink } = this.data;
    for (const [name, value] of Object.entries({ ground, rim, ink })) {
      this.box.style.setProperty(`--${name}`, value);
    }
    this.plane.setAttribute("aria-label", label);
    this.find("legend").textContent = says.legend;
    this.find("#how").textContent = says.how;
    this.find(".grid").append(made("path", { d: "M0-32V32M-32 0H32M-15-32V32M15-32V32M-32-15H32M-32 15H32" }));
    this.find("fieldset").append(...classes.map((one, kind) => this.radio(one, kind)));
    for (const name of ["undo", "clear"]) {
      const button = this.find(`.${name}`);
      button.textContent = says[name];
      button.onclick = () => this[name]();
    }
    this.plane.onpointerdown = (event) => this.down(event);
    this.plane.onpointermove = (event) => this.move(event);
    this.plane.onpointerup = this.plane.onpointercancel = () => { this.dragged = undefined; };
    this.box.onkeydown = (event) => this.key(event);
  }

  radio(one, kind) {
    const label = document.createElement("label"), input = document.createElement("input");
    Object.assign(input, { type: "radio", name: "class", checked: !kind, onchange: () => { this.kind = kind; } });
    const drawing = made("svg", { viewBox: "-2 -2 4 4", "aria-hidden": "true" });
    drawing.append(sign(one, 0, 0));
    label.append(input, drawing, one.name);
    return label;
  }

  show() {
    const { classes, says, most, off } = this.data, [x, y] = this.cross;
    this.find(".points").replaceChildren(...this.points.map((one) => sign(classes[one.kind], one.x, one.y)));
    this.find(".cross").setAttribute("d", `M${x - 3} ${-y}h2m2 0h2M${x} ${-y - 3}v2m0 2v2`);
    this.find(".undo").disabled = off || !this.before.length;
    this.find(".clear").disabled = off || !this.points.length;
    this.find(".count").textContent = [this.counted(), this.points.length < most ? "" : says.full].join(" ").trim();
    this.find(".place").textContent = this.focused() ? this.placed() : "";
  }

  counted() {
    const { classes, says } = this.data;
    const parts = classes.map(({ name }, kind) => {
      const many = this.points.filter((one) => one.kind === kind).length;
      return `${many} ${many === 1 ? says.point : says.points} of ${name}`;
    });
    return `${parts.join(", ")}.`;
  }

  focused() {
    return this.plane.matches(":focus-visible");
  }

  placed() {
    const { classes, says } = this.data, [x, y] = this.cross;
    const signed = (along) => String(along).replace("-", "\u2212");
    const named = (point) => point && classes[point.kind].name;
    const beside = named(this.nearest(x, y, NEAR)), free = beside ? `${says.free}, ${beside} ${says.beside}` : says.free;
    return `${says.across} ${signed(x)}, ${says.up} ${signed(y)}: ${named(this.nearest(x, y, 0)) ?? free}.`;
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const plane = (parentElement.bnvizPlane ??= new Plane(parentElement));
  plane.take(data, setTriggerValue);
  return () => clearTimeout(plane.waiting);
}
