"""How a room looks."""

from pathlib import Path

_CSS = Path(__file__).with_name("room.css").read_text(encoding="utf-8")
STYLE = f"<style>\n{_CSS}</style>\n"
