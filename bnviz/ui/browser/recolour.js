// A figure in the colours of another theme: every colour of its own theme becomes the other's of the
// same meaning, also where it is mixed with the ground or lets it through. All others stay.

// Theme -> name of a colour -> #RRGGBB, what no theme changes, and which of that
// is mixed with the ground; put here by ui/pictures.py.
const PALETTES = {}, FIXED = [], PALED = [];

const COLOUR = /#[0-9a-f]{6}\b|rgba\(\d+, ?\d+, ?\d+/gi;
const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const written = (rgb) => "#" + rgb.map((v) => Math.round(v).toString(16).padStart(2, "0")).join("").toUpperCase();
const NEAR = 1.01; // how far a channel is from what it would be, by rounding alone
const LEAST = 0.15; // of the colour in a mixture: a fainter one could be that of many

function themeOf({ paper_bgcolor: ground, font }) {
  const same = (palette) => palette.background === ground && palette.text === font?.color;
  return Object.values(PALETTES).find(same);
}

// How much of the one colour is in a mixture with the other, and how far off that is at most.
function unmixed(mixture, one, other) {
  const way = one.map((v, i) => v - other[i]);
  const length = way.reduce((sum, v) => sum + v * v, 0);
  const part = mixture.reduce((sum, v, i) => sum + (v - other[i]) * way[i], 0) / length;
  return [part, Math.max(...mixture.map((v, i) => Math.abs(v - other[i] - part * way[i])))];
}

const NEVER_MIXED = new Set(["background", "text", "muted", "grid"]);

// #RRGGBB -> #RRGGBB
function translation(from, to) {
  const pair = (name) => [from[name], to[name]];
  const [fixed, paled] = [FIXED, PALED].map((some) => some.map((one) => [one, one]));
  const own = Object.keys(from).map(pair);
  const networks = Object.keys(from).filter((name) => !NEVER_MIXED.has(name)).map(pair);
  const known = new Map([...fixed, ...own]);
  const mixtures = [["background", networks], ["background", paled], ["text", networks]];
  const found = (hex) => {
    for (const [name, pairs] of mixtures) {
      const [ground, groundThere] = pair(name).map(channels);
      let [least, there] = [NEAR];
      for (const [one, oneThere] of pairs.map((both) => both.map(channels))) {
        const [part, off] = unmixed(channels(hex), one, ground);
        if (off >= least || part < LEAST || part >= 1) continue;
        there = written(oneThere.map((v, i) => part * v + (1 - part) * groundThere[i]));
        least = off;
      }
      if (there) return there;
    }
    return hex;
  };
  return (hex) => {
    if (!known.has(hex)) known.set(hex, found(hex));
    return known.get(hex);
  };
}

function inText(text, translated) {
  return text.replace(COLOUR, (colour) => {
    if (colour.startsWith("#")) return translated(colour.toUpperCase());
    const numbers = colour.match(/\d+/g).map(Number);
    return `rgba(${channels(translated(written(numbers))).join(",")}`;
  });
}

// A copy of anything in a figure; arrays of numbers are shared with it.
function copied(value, translated) {
  if (typeof value === "string") return inText(value, translated);
  if (Array.isArray(value)) return value.map((one) => copied(one, translated));
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  if (value instanceof ArrayBuffer || "bdata" in value) return value;
  const own = Object.entries(value).filter(([name]) => !name.startsWith("_"));
  return Object.fromEntries(own.map(([name, one]) => [name, copied(one, translated)]));
}

// The figure in the colours of "light" or "dark".
function recoloured(figure, theme) {
  const from = themeOf(figure.layout);
  return copied(figure, from ? translation(from, PALETTES[theme]) : (hex) => hex);
}
