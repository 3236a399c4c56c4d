"""Some of the links that `python -m benchmarks links` follows by the thousand."""

import random

import pytest

from benchmarks import links
from bnviz.experiments import race
from bnviz.ui import course, knobs
from bnviz.words import race as race_words
from tests.hostile import FOREIGN, TEXTS

EACH = 2  # on every page
RACE = course.lesson("race")


def test_strangers_links_are_answered_on_every_page_and_no_run_goes_over_its_bounds():
    tally = links.look_at(0, EACH, links.LESSONS)
    assert tally.faults == []
    assert set(tally.links) == {lesson.name for lesson in course.written()}
    assert set(tally.links.values()) == {1 + EACH}
    assert tally.runs > len(links.LESSONS)
    assert tally.warned > len(links.LESSONS)


def test_a_link_is_the_same_whenever_it_is_made():
    here = {"race-depth": ["1", "2"], "race-dataset": ["moons"]}
    one, other = (links.link(random.Random(3), RACE, here) for _ in range(2))
    assert one == other


def race_page(**link):
    small = {"depth": "2", "width": "8", "steps": "50", "seeds": "1"} | link
    with links.small_runs():
        return links.opened(RACE, {f"race-{name}": [text] for name, text in small.items()})


class TestTheLookSees:
    def test_nothing_where_nothing_is(self):
        assert list(links.faults(race_page(activation=TEXTS[0]))) == []

    def test_what_is_not_quoted(self, monkeypatch):
        monkeypatch.setattr(knobs, "quoted", lambda text: f"`{text}`")
        (fault,) = links.faults(race_page(activation=TEXTS[0]))
        assert fault.startswith("not quoted")
        assert FOREIGN in fault

    def test_a_page_that_fails(self, monkeypatch, caplog):
        monkeypatch.delattr(race_words, "findings")
        (fault,) = links.faults(race_page())
        assert fault.startswith("failed")
        caplog.clear()  # it was meant

    def test_a_run_over_its_bounds(self):
        large = race.RaceConfig(depth=50, width=256, batch_size=512, steps=1600, seeds=10)
        with links.small_runs() as asked, pytest.raises(links.OverBoundsError):
            race.run(large)
        assert asked == [large]

    @pytest.mark.parametrize("tag", [f'<a href="//{FOREIGN}">x</a>', "<img src=x>", "<script>"])
    def test_tags_of_a_stranger(self, tag):
        ours = f"<b style='color:#000'>1</b> &lt;img src=//{FOREIGN}&gt;"
        ours += '<a href="race?race-ask=2&amp;present=1">to a question</a>'
        assert links.foreign_tags(ours) == []
        assert len(links.foreign_tags(ours + tag)) == 1
