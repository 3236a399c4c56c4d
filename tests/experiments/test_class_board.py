"""The class board trains for the end alone, and gives the lab's own numbers."""

from dataclasses import fields

import numpy as np
import pytest

from bnviz.experiments import class_board, lab
from bnviz.experiments.class_board import TOGETHER, EndResult
from bnviz.experiments.kept import MOST, Kept
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.settings import LEARNING_RATES

TINY = {"depth": 2, "width": 8, "steps": 12, "batch_size": 32, "seeds": 3}


@pytest.mark.parametrize(
    "changes",
    [
        {"normalizer": "batch"},
        {"normalizer": "none", "diagnostic": "signal size"},
        {"normalizer": "batch", "dropout": 0.3, "then": "0.01x5"},
        {"normalizer": "noisy", "learning_rate": 1.0},
        {"normalizer": "none", "learning_rate": 100.0, "gain": 10.0, "depth": 20},
        {"normalizer": "batch", "dataset": "moons"},
    ],
    ids=lambda changes: ", ".join(map(str, changes.values())),
)
def test_the_numbers_are_those_of_the_lab_to_the_bit(changes):
    config = LabConfig(**TINY | changes)
    (piece,) = class_board.work([Kept("", config)]).pieces
    end, whole = class_board.run(piece.config), lab.run(config)
    assert end.final().tobytes() == whole.final().tobytes()
    assert (end.diverged_at == whole.diverged_at).all()


def test_a_result_holds_a_few_numbers_alone():
    result = class_board.run(LabConfig(**TINY))
    arrays = [getattr(result, field.name) for field in fields(EndResult)]
    held = sum(one.nbytes for one in arrays if isinstance(one, np.ndarray))
    assert held <= 16 * TINY["seeds"]


class TestWork:
    def test_hidden_runs_do_not_count(self):
        several = [
            Kept("", LabConfig(depth=2)),
            Kept("", LabConfig(), shown=False),
            Kept("A", LabConfig()),
        ]
        work = class_board.work(several)
        assert [(one.number, one.name) for one in work.pieces] == [(1, ""), (3, "A")]
        assert work.left_out == 0

    def test_sixty_runs_as_the_lab_opens_fit_twice(self):
        rates = [LEARNING_RATES[n % 21] for n in range(MOST)]
        seconds = sum(
            LabConfig(normalizer="batch", learning_rate=rate).work() / 2 for rate in rates
        )
        assert seconds < TOGETHER / 2

    def test_what_would_take_too_long_together_is_left_out(self):
        large = [
            Kept("", LabConfig(depth=depth, width=256, steps=1600, learning_rate=rate))
            for depth in (16, 20, 30, 50)
            for rate in LEARNING_RATES
        ][:MOST]
        work = class_board.work(large)
        assert work.left_out > 0
        assert len(work.pieces) + work.left_out == MOST
        assert all(one.shortened for one in work.pieces)
        assert sum(one.config.work() / 2 for one in work.pieces) <= TOGETHER
        assert all(one.config.fits() for one in work.pieces)

    def test_a_run_of_several_readers_is_trained_once(self):
        large = LabConfig(depth=20, width=256, steps=1600)
        work = class_board.work([Kept(str(n), large) for n in range(MOST)])
        assert len(work.pieces) == MOST
        assert len({one.config for one in work.pieces}) == 1

    def test_results_belong_to_the_first_pieces(self):
        several = [Kept("A", LabConfig(**TINY)), Kept("B", LabConfig(**TINY | {"depth": 3}))]
        work = class_board.work(several)
        result = class_board.run(work.pieces[0].config)
        (entry,) = work.entries([result])
        assert (entry.number, entry.name, entry.result) == (1, "A", result)
