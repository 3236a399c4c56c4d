"""What runs in the browser: scripts and styles, a file each."""

from pathlib import Path

_HERE = Path(__file__).parent


def browser_file(name: str) -> str:
    """The text of one of the files beside this one. Raises FileNotFoundError."""
    return (_HERE / name).read_text(encoding="utf-8")


def style(name: str) -> str:
    """A stylesheet as HTML, for st.html."""
    return f"<style>\n{browser_file(f'{name}.css')}</style>\n"
