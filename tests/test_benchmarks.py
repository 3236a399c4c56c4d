"""One command measures everything; what fails in one part or row is told, and the rest comes."""

import importlib

import pytest

from benchmarks import __main__ as bench
from benchmarks import bounds, links, surface


@pytest.fixture
def told(monkeypatch):
    """The parts that were measured, of two; the first fails."""
    parts = []

    def fails():
        parts.append("surface")
        raise AssertionError("too light")

    monkeypatch.setattr(surface, "main", fails)
    monkeypatch.setattr(links, "main", lambda: parts.append("links"))
    monkeypatch.setattr(bench.logging, "disable", lambda level: None)
    return parts


def test_a_part_that_fails_keeps_no_other_from_its_rows(told, caplog):
    with pytest.raises(SystemExit, match="Ended early: surface"):
        bench.main(["surface", "links"])
    assert told == ["surface", "links"]
    assert "too light" in caplog.text


def test_all_parts_are_there_and_come_without_being_named(monkeypatch):
    parts = []
    monkeypatch.setattr(bench, "_told", lambda part: parts.append(part) or True)
    monkeypatch.setattr(bench.logging, "disable", lambda level: None)
    bench.main([])
    assert tuple(parts) == bench.PARTS
    for part in parts:
        assert callable(importlib.import_module(f"benchmarks.{part}").main)


def test_a_run_that_ends_in_an_exception_is_a_row_like_the_others(monkeypatch):
    def fails(name, config):
        raise RuntimeError("MemoryError")

    monkeypatch.setattr(bounds, "measured", fails)
    assert bounds.one("home", {}) == "FAILED: MemoryError"
