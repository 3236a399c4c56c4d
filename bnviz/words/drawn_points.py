"""Points drawn by hand: how to put them, and what becomes of them."""

from __future__ import annotations

from bnviz.words.numbers import many, percent

PLACE = "Draw the points"
PLANE = "Plane for points of two classes"
TEXT = "As text"
LAST = "Your last drawing"
LAST_ABOUT = "Take the points that you drew last, here or in another lesson."
LINES = "One point a line: class, across, up"
LINES_ABOUT = "Class 0 or 1, and two whole numbers from −{reach} to {reach}, such as 1 12 −5."
CODE = "The same as the link has it"
CODE_ABOUT = "Take it to another lesson, or put another drawing here. Empty: two arcs."

DEFAULT = "two arcs"
REFUSED = "The points in the link cannot be used: {why}. Taken instead: {instead}."
TOO_FEW = "Too few points: {why}. Until then, the pictures show {instead}."
TYPED = "The lines cannot be used: {why}. What was there before still counts."

CLASS = "class {label}"
"""The signs of the classes are those of the pictures."""
SAYS = {
    "legend": "A click puts a point of",
    "undo": "Undo",
    "clear": "Clear",
    "how": "Click or drag to put points, click one to take it away. Keys: arrows move the cross,"
    " Space puts a point, Delete takes one away, 0 and 1 choose the class.",
    "points": "points",
    "point": "point",
    "across": "across",
    "up": "up",
    "free": "free",
    "beside": "beside it",
    "full": "That is all that fit.",
}
"""What the plane itself says, in the browser."""


def told(training: int, testing: int, pictured: bool) -> str:
    """How many points are for what, and how coarse the test accuracy therefore is.

    pictured: whether the page shows them on a plane.
    """
    points, share = many(training, "point"), percent(1 / testing)
    if pictured:
        return (
            f"{points} to learn from and {testing} to test, ringed in the picture: one point is"
            f" {share} of the test accuracy."
        )
    return (
        f"{points} to learn from and {testing} to test: one point is {share} of the test accuracy."
    )
