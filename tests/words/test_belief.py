"""What is often believed stands once, and is told or met somewhere."""

from pathlib import Path

from bnviz import words
from bnviz.words.belief import Belief

HERE = Path(words.__file__).parent
SOURCES = {
    path.relative_to(HERE).as_posix(): path.read_text(encoding="utf-8")
    for path in HERE.rglob("*.py")
}


def test_each_is_a_sentence_without_its_full_stop_and_none_stands_twice():
    for belief in Belief:
        assert belief[0].isupper(), belief
        assert belief[-1] not in ".!?", belief
        assert 4 <= len(belief.split()) <= 16, belief
    assert len({belief.casefold() for belief in Belief}) == len(Belief.__members__)


def test_none_is_written_out_where_it_could_be_named():
    for name, source in SOURCES.items():
        written = [belief for belief in Belief if f'"{belief}' in source]
        assert not written or name == "belief.py", (name, written)


def test_each_is_told_of_by_a_lesson_or_met_by_a_challenge():
    used = "".join(source for name, source in SOURCES.items() if name != "belief.py")
    assert [one.name for one in Belief if f"Belief.{one.name}" not in used] == []
