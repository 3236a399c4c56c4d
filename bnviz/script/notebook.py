"""A program as a Jupyter notebook: in cells, with what the page says of its run."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bnviz.script.program import Part, Program

MAIN = 'if __name__ == "__main__":\n'  # in a notebook there is nothing else
SAID = "The page said of its own run:"


def notebook(program: Program, said: Sequence[str] = ()) -> str:
    """The text of a notebook in format 4, valid by its schema: pure, the same text for the same.

    said: the page's sentences on the run, in Markdown; the headline first.

    nbformat is loaded at the first call: 0.05 seconds and 12 MB, which most visitors never need.
    """
    import nbformat

    made = nbformat.v4.new_notebook(
        cells=list(_numbered(_cells(program, said))),
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )
    written: str = nbformat.writes(made)
    return written


def _numbered(cells: Iterable[tuple[str, str]]) -> Iterator[Any]:
    """As nbformat has them; their names are their places, and not drawn by lot."""
    from nbformat import v4

    for place, (kind, source) in enumerate(cells):
        make = v4.new_code_cell if kind == "code" else v4.new_markdown_cell
        yield make(source, id=f"cell-{place}")


def _cells(program: Program, said: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Of which kind, and what is in it."""
    link = [f"<{program.address}>"] if program.link else []
    yield "markdown", "\n\n".join([f"# {program.question}", *program.told, *link])
    if said:
        headline, *others = said
        yield "markdown", "\n".join([SAID, "", f"**{headline}**", "", *(f"- {s}" for s in others)])
    for part in program.parts:
        if part.title:
            yield "markdown", f"## {part.title}"
        yield "code", _code(part)


def _code(part: Part) -> str:
    """As a cell has it."""
    code = part.in_notebook or part.code
    return textwrap.dedent(code.removeprefix(MAIN)) if code.startswith(MAIN) else code
