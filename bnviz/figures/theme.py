"""Every colour and line style of the app. One meaning per colour, in a light and a dark theme."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Theme:
    """The colours of one theme; text and lines reach WCAG AA contrast on its background."""

    name: str
    background: str
    text: str
    muted: str  # axis titles, notes
    grid: str
    plain: str  # vermillion, always dashed
    batch: str  # blue, always solid
    layer: str  # green: layer normalization
    renorm: str  # purple: batch renormalization
    group: str  # olive: group normalization
    noisy: str  # rose: BN with noise after it
    instance: str  # brown: instance normalization
    switchable: str  # slate: switchable normalization
    rms: str  # indigo: RMSNorm
    dyt: str  # magenta: dynamic tanh
    weights: str  # moss: weight standardization
    band: float = 0.16  # how much of its treatment's colour an area has
    projected: bool = False  # it is drawn smaller, and then enlarged

    def colour(self, treatment: str) -> str:
        colours = {name: getattr(self, name) for name in LABEL}
        return colours[treatment]


# The plain and BN colours are Okabe and Ito's vermillion and blue, which colour-blind readers
# can tell apart; on the dark background both are the same hue, lighter.
LIGHT = Theme(
    name="light", background="#FCFBF8", text="#1F2328", muted="#57606A", grid="#E3E0D8",
    plain="#C05000", batch="#0072B2", layer="#007A5A", renorm="#8A4B9C", group="#7A6200",
    noisy="#B4235F", instance="#7B4A2D", switchable="#4E5D78",
    rms="#4F46C8", dyt="#A3189B", weights="#52691A",
)  # fmt: skip
DARK = Theme(
    name="dark", background="#14161A", text="#E8E6E1", muted="#A6ABB3", grid="#2C3037",
    plain="#F0803C", batch="#4BA6E3", layer="#3DBE93", renorm="#C98BD6", group="#D1B54A",
    noisy="#F48FB1", instance="#D2A07E", switchable="#B4C0D4",
    rms="#A3A6FF", dyt="#EE7FE4", weights="#A9C65A",
)  # fmt: skip
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}

# The same hues for a projector whose black is a grey, in a room with the blinds up: lines, marks
# and words keep a contrast of 3 with their ground after each channel v has become 0.45 + 0.55 v.
# Nothing can have more than 4.8 then.
PROJECTED = {
    "light": replace(
        LIGHT, text="#000000", muted="#2B3036", grid="#D6D2C8", plain="#6B2C00", batch="#004269",
        layer="#004835", renorm="#54285F", group="#483900", noisy="#861745", instance="#54321E",
        switchable="#303A4B", rms="#2B2678", dyt="#660F61", weights="#324010",
        band=0.3, projected=True,
    ),
    "dark": replace(
        DARK, text="#FFFFFF", muted="#CDD1D6", grid="#4A4F57", plain="#F8BF9E", batch="#9FD0F0",
        layer="#8CD9BF", renorm="#E1BDE7", group="#DEC87A", noisy="#F9B6CD", instance="#E2C2AC",
        switchable="#BFCADB", rms="#C6C8FF", dyt="#F5B9F0", weights="#C6DB93",
        band=0.3, projected=True,
    ),
}  # fmt: skip

DASH = {
    "plain": "dash",
    "batch": "solid",
    "layer": "dashdot",
    "renorm": "longdash",
    "group": "dot",
    "noisy": "longdashdot",
    "instance": "3px,3px,9px,3px",
    "switchable": "1px,4px,5px,4px",
    "rms": "8px,3px,2px,3px,2px,3px",
    "dyt": "2px,2px",
    "weights": "12px,3px",
}
LABEL = {
    "plain": "plain",
    "batch": "BN",
    "layer": "layer norm",
    "renorm": "renorm",
    "group": "group norm",
    "noisy": "noisy BN",
    "instance": "instance norm",
    "switchable": "switchable",
    "rms": "RMSNorm",
    "dyt": "DyT",
    "weights": "weight standardization",
}
TREATMENTS = ("plain", "batch")  # those of most lessons

SIGNAL_SCALE = [
    [0.0, "#17121F"],
    [0.25, "#4A2A4F"],
    [0.45, "#B5673A"],
    [0.6, "#F5B841"],
    [0.75, "#FFE9A8"],
    [0.88, "#FF7FA5"],
    [1.0, "#C2185B"],
]
"""From a silent unit (dark) over a healthy one (gold) to an exploding one (magenta)."""

GROUND_SCALE = [
    [0.0, "#0B2F2A"],
    [0.25, "#2E6B4F"],
    [0.5, "#9CAB5A"],
    [0.75, "#E8D49A"],
    [1.0, "#FBF6EA"],
]
"""The height of the loss, as on a map: from a dark green valley to a pale summit."""

CLASS_SCALE = [[0.0, "#8E63B0"], [0.5, "#F4F1EC"], [1.0, "#3C9A6A"]]
"""Two classes, purple and green, with the undecided pale between them."""
CLASS_COLOURS = ("#5B2C83", "#0F6B3D")
CLASS_OUTLINE = "#FFFFFF"

MAP_SCALE = [
    [0.0, "#1A1033"],
    [0.25, "#5A2A82"],
    [0.5, "#A94A9A"],
    [0.75, "#E08BB0"],
    [1.0, "#F9E3DC"],
]
"""From little (dark) to much (pale): maps of one quantity over layers and steps."""
BALANCE_SCALE = [
    [0.0, "#6B4A12"],
    [0.25, "#CDA85B"],
    [0.5, "#EFEBE0"],
    [0.75, "#6FB0A2"],
    [1.0, "#0B5A50"],
]
"""The same for a quantity of both signs: below zero brown, above green, pale between."""
ON_MAPS = ("#000000", "#FFFFFF")
"""What is drawn on a map, dark and pale."""

FIXED = (
    *(str(colour) for scale in (SIGNAL_SCALE, GROUND_SCALE, CLASS_SCALE, MAP_SCALE, BALANCE_SCALE)
      for _, colour in scale),
    *CLASS_COLOURS,
    *ON_MAPS,
)  # fmt: skip
"""The colours that are the same in every theme; the others are its own, or mixed of these."""
PALED = tuple(str(colour) for _, colour in BALANCE_SCALE)
"""Of these, what is mixed with the ground."""


def shades(theme: Theme, treatment: str, count: int) -> list[str]:
    """Layers, from the input (faint) to the output (strong), in their network's colour."""
    share = [0.22 + 0.6 * place / max(1, count - 1) for place in range(count)]
    return [mixed(theme.colour(treatment), theme.background, one) for one in share]


def mixed(colour: str, background: str, share: float) -> str:
    """This share of the colour on the background, both #RRGGBB, as an opaque #RRGGBB."""
    pairs = [(int(colour[i : i + 2], 16), int(background[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02X}" for a, b in pairs)


def translucent(colour: str, alpha: float) -> str:
    """The colour #RRGGBB as rgba(…) with this opacity."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
