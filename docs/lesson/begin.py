"""make lesson NAME=yours: every file of a new lesson, and its line in every list of lessons.

The files are those of `files/`, beside this script, where "yours" stands for the name. They hold a
small question of their own, so that everything runs before you have changed a word.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

FILES = Path(__file__).resolve().parent / "files"
ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"(?<![a-z])yours(?![a-z])|(?<![A-Za-z])Yours(?![a-z])")


@dataclass(frozen=True)
class Entry:
    """A line in a list of lessons: it goes before `before`, which stands in the file once."""

    file: str
    before: str
    text: str


COURSE = """\
    "Being written": (
        Lesson("yours", "What does yours change?", "To be said.", "pages/NN_yours.py"),
    ),
"""
ENTRIES = (
    Entry("bnviz/ui/course.py", "}\n\n\ndef written()", COURSE),
    Entry(
        "bnviz/script/library.py",
        '}\n"""The lessons that compute',
        '    "yours": Use({"loss": "pictures.loss(result, LIGHT)"}),\n',
    ),
    Entry("benchmarks/bounds.py", ")\nfrom bnviz.experiments.bounds import", "    yours,\n"),
    Entry(
        "benchmarks/bounds.py",
        "}\n\n\ndef ends(",
        '    "yours": Kind(yours.run, yours.YoursConfig),\n',
    ),
    Entry(
        "tests/figures/pictures.py",
        "from bnviz.verdicts.paper import",
        "from bnviz.figures import yours as yours_pictures\n",
    ),
    Entry(
        "tests/figures/pictures.py",
        "PICTURES = {",
        "def pictures_of_yours(of, colours):\n"
        '    return {"loss": yours_pictures.loss(of, colours)}\n\n\n',
    ),
)


def main(arguments: list[str]) -> None:
    name = arguments[0] if arguments else ""
    if not re.fullmatch(r"[a-z]{3,20}", name) or len(arguments) > 1:
        sys.exit("A name is 3 to 20 small letters, such as: make lesson NAME=dropout")
    written = begin(name, ROOT)
    print(*written, sep="\n")
    print("\nEverything runs as it is. CONTRIBUTING.md says what goes where, and what tests hold.")


def begin(name: str, root: Path) -> list[str]:
    """Write the files and the entries of the lesson; what was written, seen from the root."""
    number = 1 + max(int(page.name[:2]) for page in root.glob("pages/[0-9][0-9]_*.py"))
    new = {named(str(path.relative_to(FILES)), name, number): path for path in templates()}
    there = [target for target in new if (root / target).exists()]
    if there:
        sys.exit(f"There is a lesson of this name, or a part of one: {there[0]}.")
    entered = entries(name, number, root)  # first: where one has no place, nothing is written
    for target, path in new.items():
        text = named(path.read_text(encoding="utf-8"), name, number)
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        (root / target).write_text(text, encoding="utf-8")
    for file, text in entered.items():
        (root / file).write_text(text, encoding="utf-8")
    return [*new, *entered]


def templates() -> list[Path]:
    return sorted(FILES.rglob("*.py"))


def named(text: str, name: str, number: int) -> str:
    """The text with the lesson's own name and the number of its page."""
    text = PLACEHOLDER.sub(lambda found: name.title() if found[0][0] == "Y" else name, text)
    return text.replace("NN_", f"{number:02}_")


def entries(name: str, number: int, root: Path) -> dict[str, str]:
    """The new text of each file that has a list of lessons."""
    texts: dict[str, str] = {}
    for entry in ENTRIES:
        text = texts.get(entry.file) or (root / entry.file).read_text(encoding="utf-8")
        if text.count(entry.before) != 1:
            sys.exit(f"{entry.file} has no place for a new lesson: {entry.before!r} is not there.")
        texts[entry.file] = text.replace(
            entry.before, named(entry.text, name, number) + entry.before
        )
    return texts


if __name__ == "__main__":
    main(sys.argv[1:])
