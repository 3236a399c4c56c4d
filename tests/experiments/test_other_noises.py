"""Other noises: what the pieces of the two sections are, and that none is done twice."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from bnviz.experiments import noise, other_noises
from bnviz.experiments.noise import NoiseConfig
from bnviz.experiments.other_noises import DROPOUTS, RATES, PairConfig, PairResult
from bnviz.ui.answers import page
from tests.samples import tiny

ROOT = Path(__file__).resolve().parents[2]


def config(**changes):
    return tiny("noise", **changes)


class TestRun:
    def test_the_networks_differ_in_their_chunks_alone(self):
        """The whole batch and plain are the pair that any other lesson would train."""
        small = noise.run(config())
        pair = other_noises.run(PairConfig.like(small.config, dropout=0.0))
        np.testing.assert_array_equal(small.test_accuracy[[0, -1], :, -1], pair.test_accuracy)
        np.testing.assert_array_equal(small.test_loss[[0, -1], :, -1], pair.test_loss)

    def test_dropout_reaches_both_networks(self):
        without, much = (
            other_noises.run(PairConfig.like(config(), dropout=rate)) for rate in (0.0, 0.7)
        )
        assert (without.test_loss != much.test_loss).all()


class TestDropout:
    def test_pieces_are_settings_that_differ_in_dropout_alone(self):
        of = config(gain=0.5, sample=3)
        pieces = other_noises.dropouts(of)
        assert [piece.dropout for piece in pieces] == list(DROPOUTS)
        for piece in pieces:
            assert {n: getattr(piece, n) for n in NoiseConfig.model_fields} == of.model_dump()
            assert piece.model_dump_json() != of.model_dump_json()  # another answer in the cache


class TestBatchSizes:
    @pytest.mark.parametrize("rates", RATES)
    def test_pieces_see_as_many_samples(self, rates):
        of = NoiseConfig()
        pieces = other_noises.sizes(of, rates)
        assert [piece.batch_size for piece in pieces] == [4, 8, 16, 32, 64, 128, 256]
        for piece in pieces:
            assert piece.steps == pytest.approx(100 * 32 / piece.batch_size, abs=0.5)
            assert (piece.learning_rate == of.learning_rate) == (
                rates == RATES[1] or piece.batch_size == 32
            )
        assert pieces[0].learning_rate == (
            pytest.approx(0.1 * 4 / 32) if rates == RATES[0] else 0.1
        )

    @pytest.mark.parametrize("rates", RATES)
    def test_pieces_are_always_settings(self, rates):
        for changes in (
            {"batch_size": 1, "learning_rate": 100.0, "steps": 800},
            {"batch_size": 512, "learning_rate": 0.001, "steps": 1, "train_size": 128},
        ):
            for piece in other_noises.sizes(config(**changes), rates):
                assert piece.steps >= 1
                assert piece.batch_size <= changes.get("train_size", 256)


class TestSections:
    """On the page: what was done before a stop is kept, and going on repeats none of it."""

    @pytest.mark.parametrize(
        ("key", "opened"), [("noise-dropout", "noise-dropout"), ("noise-sweep", "noise-sizes")]
    )
    def test_going_on_repeats_nothing(self, key, opened, monkeypatch):
        page.store().clear()
        trained, leaves = [], ["now"]

        def in_place(piece, report, workers):
            if len(trained) == 2 and leaves:
                leaves.clear()
                raise StopException  # the reader goes away in the middle of the third piece
            trained.append((piece.dropout, piece.batch_size))
            report(1.0)
            return PairResult(
                config=piece, test_loss=np.ones((2, 1)), test_accuracy=np.full((2, 1), 0.5)
            )

        in_place.__module__ = "in_place"
        monkeypatch.setattr(other_noises, "run", in_place)
        at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
        at.switch_page("pages/09_noise.py")
        for name, value in {"depth": "2", "width": "8", "steps": "50", "seeds": "1"}.items():
            at.query_params[f"noise-{name}"] = value
        at.query_params[opened] = "true"
        at.run()
        charts = len(at.get("plotly_chart"))
        at = self.press(at, f"{key}-start")
        assert len(trained) == 2
        at = self.press(at, f"{key}-stop")
        assert self.button(at, f"{key}-start").label.startswith("Go on (2 of")
        assert len(at.get("plotly_chart")) == charts + 1
        at = self.press(at, f"{key}-start")
        assert len(trained) == len(set(trained)) >= 5
        assert self.button(at, f"{key}-start").disabled
        done = len(trained)
        at.run()
        assert len(trained) == done

    def button(self, at, key):
        return next(button for button in at.button if button.key == key)

    def press(self, at, key):
        self.button(at, key).click()
        at.run()
        assert not at.exception
        return at
