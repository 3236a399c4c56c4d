"""What a run goes on with, as text; nonsense is refused in a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bnviz.experiments.continuations import PIECES, pieces_of, written
from bnviz.experiments.refusals import complaint
from tests.made.lab import config


class TestContinuations:
    def test_the_pieces_of_a_run(self):
        one = config(steps=50, learning_rate=0.1, then="0.01x100_2x7")
        assert one.pieces == [(0.1, 50), (0.01, 100), (2.0, 7)]
        assert one.starts == [0, 50, 150]
        assert one.total_steps == 157
        assert [one.rate(step) for step in (0, 49, 50, 149, 150, 157)] == [
            0.1, 0.1, 0.01, 0.01, 2.0, 2.0,
        ]  # fmt: skip

    @given(
        st.lists(
            st.tuples(st.floats(1e-6, 1e3).map(lambda rate: float(f"{rate:.2g}")),
                      st.integers(1, 1000)),
            max_size=PIECES,
        )
    )  # fmt: skip
    def test_what_is_written_is_read(self, pieces):
        assert pieces_of(written(pieces)) == pieces

    @given(st.text(alphabet="0123456789.x_-e ٣²", max_size=20) | st.text(max_size=20))
    def test_nonsense_is_refused_in_a_sentence(self, text):
        try:
            assert config(then=text).pieces
        except ValidationError as error:
            said = complaint(error)
            assert said.startswith("then: ") or "steps and then" in said
            assert len(said) < 200

    @pytest.mark.parametrize(
        ("then", "said"),
        [
            ("0.1", "`0.1` is no continuation; one is rate x steps, such as 0.01x100"),
            ("0x10", "its rate is from 0.000001 to 1000, its steps from 1 to 5000"),
            ("0.1x0", "its rate is from 0.000001 to 1000, its steps from 1 to 5000"),
            ("_".join(["0.1x1"] * 5), "5 continuations; at most 4"),
            ("0.1x4999", "steps and then together make 5005 steps; at most 5000"),
        ],
    )
    def test_what_is_wrong_is_said(self, then, said):
        with pytest.raises(ValidationError) as caught:
            config(then=then)
        assert said in complaint(caught.value)
