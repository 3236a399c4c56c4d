"""Running text: what is linked, where to, and what stays as it is."""

import re
from collections import Counter
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.ui import prose
from bnviz.ui.prose import Said, found, linked, plural
from bnviz.words.references import REFERENCES

LINK = re.compile(r"\[([^\]]*)\]\(glossary#[a-z0-9-]+\)")


def links(text, lesson="race"):
    """What is linked in the text, and where to."""
    return re.findall(r"\[([^\]]*)\]\(glossary#([a-z0-9-]+)\)", linked(text, Said(lesson)))


def without_links(text):
    return LINK.sub(r"\1", text)


class TestTerms:
    def test_the_first_use_alone_is_linked(self):
        said = Said("race")
        first = linked("A seed, another seed.", said)
        assert first == "A [seed](glossary#seed), another seed."
        assert linked("More seeds.", said) == "More seeds."

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Batch normalization", [("Batch normalization", "batch-normalization")]),
            ("all mini-batches", [("mini-batches", "mini-batch")]),
            ("the batch size", [("batch size", "batch-size")]),
            (
                "internal covariate shift",
                [("internal covariate shift", "internal-covariate-shift")],
            ),
            ("covariate\n  shift", [("covariate\n  shift", "covariate-shift")]),
            ("BN's seed", [("BN", "batch-normalization"), ("seed", "seed")]),
            ("many activations", [("activations", "activations")]),
            ("an activation", [("activation", "activation-function")]),
            ("the γ of a unit", [("γ", "gamma"), ("unit", "unit")]),
            ("*noisy BN*, **seeds**", [("noisy BN", "noisy-bn"), ("seeds", "seed")]),
        ],
    )
    def test_longest_first_in_any_number_and_over_the_end_of_a_line(self, text, expected):
        assert links(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "bn, relu and sgd",  # names are written as they are
            "seedling, reseed, pre-seed, seed-like, un-batch",
            "Most of it is clear: the gain comes from the larger",
            "rounded to six digits",
            "what it has in this unit",
        ],
    )
    def test_other_words_are_not(self, text):
        assert links(text) == []

    def test_momentum_is_another_thing_where_running_averages_are_the_matter(self):
        assert links("momentum", "modes") == [("momentum", "momentum-of-the-running-averages")]
        assert links("Momentum", "scale") == [("Momentum", "momentum-of-the-optimizer")]
        assert links("all momenta", "scale") == []

    @pytest.mark.parametrize("text", ["**seed**s", "super**seed**", "x*seed* is", "in*seed*"])
    def test_an_emphasis_stays_one(self, text):
        assert linked(text, Said("race")) == text

    @pytest.mark.parametrize(
        ("one", "many"),
        [("batch", "batches"), ("accuracy", "accuracies"), ("bias", "biases"), ("way", "ways")],
    )
    def test_plurals(self, one, many):
        assert plural(one) == many


UNTOUCHED = (
    "$batch + \\gamma$",
    "$$\nBN(seed)\n$$",
    "`batch`",
    "```\nbatch\n```",
    "\n\n    batch = 3\n\n",
    "[a batch](race)",
    "[BN]",
    "![a seed](seed.png)",
    "https://example.org/seed",
    ":material/seed:",
    "\n# A batch\n",
    "\n### Seeds\n",
    "\n| seed | batch |\n| --- | --- |\n| 1 | BN |\n",
    "<b title='seed'>",
    "\n<div>\nBN\n</div>\n\n",
    "E[seed]",
    "\\gamma",
)


class TestWhatStaysAsItIs:
    @pytest.mark.parametrize("text", UNTOUCHED)
    def test_mathematics_code_links_headings_tables_and_html(self, text):
        assert linked(text, Said("race")) == text

    @pytest.mark.parametrize("text", UNTOUCHED)
    def test_and_the_words_beside_them_are_linked(self, text):
        said = linked(f"Ten seeds {text} and one unit.", Said("race"))
        assert said.startswith("Ten [seeds](glossary#seed) ")
        assert text in said

    pieces = st.sampled_from(
        [*UNTOUCHED, "a batch", "BN", "**seeds**", "*learning rate*", "Ioffe & Szegedy (2015)",
         "Wu and He (2018, Fig. 1)", "\n\n", "\n- ", ", ", " ", "$", "`", "*", "|", "[", "γ", "ε."]
    )  # fmt: skip

    @given(st.lists(pieces | st.text(max_size=5), max_size=25).map("".join))
    def test_without_its_links_a_text_is_what_it_was(self, text):
        said = Said("race")
        assert without_links(linked(text, said)) == without_links(text)
        assert said.linked <= set(said.used)

    @given(st.lists(pieces, max_size=25).map("".join))
    def test_no_entry_is_linked_twice(self, text):
        assert all(count == 1 for count in Counter(there for _, there in links(text)).values())

    def test_what_a_table_or_a_heading_uses_counts_as_used(self):
        said = Said("race")
        linked("## A seed\n\n| paper | `unit` |\n| --- | --- |\n| Wu & He 2018 | BN |\n", said)
        assert set(said.used) == {"seed", "wu-and-he-2018", "batch-normalization"}
        assert not said.linked


class TestCitations:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Ioffe & Szegedy (2015)", "ioffe-and-szegedy-2015"),
            ("Ioffe and\nSzegedy (2015, Section 3)", "ioffe-and-szegedy-2015"),
            ("(Ioffe & Szegedy 2015, Alg. 1)", "ioffe-and-szegedy-2015"),
            ("Ioffe (2017)", "ioffe-2017"),
            ("Li et al. (2018)", "li-et-al-2018"),
            ("Li and colleagues (2019)", "li-et-al-2019"),
            ("Hoffer, Hubara & Soudry (2017)", "hoffer-et-al-2017"),
            ("Kyle Luther (*Why so?*, 2020)", "luther-2020"),
        ],
    )
    def test_every_way_to_cite(self, text, expected):
        ((_, there),) = links(text)
        assert there == expected

    @pytest.mark.parametrize(
        "text", ["Ioffe & Szegedy", "Ioffe (2015)", "Wu et al. (2018)", "2015"]
    )
    def test_without_the_year_of_a_paper_nobody_is_cited(self, text):
        assert links(text) == []

    def test_the_names_are_linked_and_their_letters_are_no_terms(self):
        text = "Glorot & Bengio (2010)"
        assert links(text) == [("Glorot & Bengio", "glorot-and-bengio-2010")]

    def test_every_reference_is_found_as_it_is_cited(self):
        for paper in REFERENCES:
            for head in paper.heads:
                entries = [one for *_, one in found(f"As {head} ({paper.year}) say.", "race")]
                assert entries == [paper], head


@pytest.fixture
def keys_of(monkeypatch):
    """What the containers of computed texts are called: in the browser, who is who."""

    def said(*texts):
        keys = []
        container = lambda key: keys.append(key) or nullcontext()  # noqa: E731
        monkeypatch.setattr(prose.st, "container", container)
        monkeypatch.setattr(prose.st, "markdown", lambda text: None)
        prose.begin("race")
        for text in texts:
            prose.tell(text)
        prose.tell("BN is ahead.", "verdict")
        return keys

    return said


class TestComputed:
    def test_another_text_is_another_element_and_the_same_text_the_same(self, keys_of):
        one, other = keys_of("5 of 5 seeds."), keys_of("4 of 5 seeds.")
        assert one[0] != other[0]
        assert one[1:] == other[1:]
        assert one == keys_of("5 of 5 seeds.")

    def test_the_same_text_twice_has_two_places(self, keys_of):
        assert len(set(keys_of("Both.", "Both.", "Both."))) == 5

    def test_the_end_of_the_clock_keeps_the_name_that_its_style_knows(self, keys_of):
        assert keys_of()[-2] == "end-verdict"
