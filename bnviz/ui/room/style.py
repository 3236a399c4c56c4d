"""How a room looks."""

from functools import cache
from pathlib import Path


def style(projected: bool) -> str:
    """As HTML, for st.html; projected: for a class that looks on from afar."""
    return _sheet("room") + (_sheet("projected") if projected else "")


@cache
def _sheet(name: str) -> str:
    css = Path(__file__).with_name(f"{name}.css").read_text(encoding="utf-8")
    return f"<style>\n{css}</style>\n"
