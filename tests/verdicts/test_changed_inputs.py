"""Changed inputs, judged; and what the page claims of them."""

import numpy as np
import pytest

from bnviz.experiments import changed_inputs
from bnviz.experiments.changed_inputs import InputsConfig
from bnviz.verdicts.changed_inputs import judge
from tests.made.shift import made_inputs

USUAL = (0.9, 0.9, 0.4)


@pytest.mark.parametrize(
    ("accuracy", "protects", "worst"),
    [
        (((0.9, 0.5, 0.3), (0.8, 0.5, 0.2), USUAL), "no", "moved"),
        (((0.9, 0.5, 0.3), (0.9, 0.8, 0.8), USUAL), "by half", "moved"),
        (((0.9, 0.5, 0.3), (0.9, 0.6, 0.45), USUAL), "somewhat", "moved"),
        (((0.9, 0.89, 0.885), (0.9, 0.89, 0.885), (0.9,) * 3), "hardly hurt", "as it was"),
        (((0.1, 0.1, 0.1), (0.2, 0.1, 0.1), (0.1,) * 3), "neither learned", "as it was"),
        (((0.9, 0.5, 0.3), (0.1, 0.1, 0.1), (0.1,) * 3), "BN not learned", "as it was"),
        (((0.1, 0.1, 0.1), (0.9, 0.5, 0.3), USUAL), "no", "moved"),
        (((0.3, 0.1, 0.1), (0.9, 0.9, 0.9), (0.9,) * 3), "hardly hurt", "as it was"),
        (((0.9, 0.5, 0.3), (0.9, 0.6, 0.35), USUAL), "no", "moved"),  # about as much
        # where BN loses most, whatever plain loses there
        (((0.9, 0.8, 0.4), (0.9, 0.5, 0.85), (0.9,) * 3), "no", "fainter"),
        (((np.nan,) * 3, (0.9, 0.5, 0.3), USUAL), "lost", "as it was"),
    ],
)
def test_whether_bn_protects_and_where_that_is_told(accuracy, protects, worst):
    verdict = judge(made_inputs(accuracy))
    assert (verdict.protects, verdict.worst.name) == (protects, worst)


def test_new_statistics_restore_or_not():
    _, fainter, moved = judge(made_inputs()).worlds
    assert (fainter.restored, moved.restored) == (True, False)


def test_a_minority_of_seeds_does_not_protect():
    of = made_inputs(((0.9, 0.5, 0.5), (0.9, 0.5, 0.5), (0.9, 0.9, 0.9)))
    of.accuracy[1, 1:, 0] = 0.9
    assert judge(of).protects == "no"
    assert judge(of).less == 1


def test_running_statistics_do_not_protect_those_of_the_new_inputs_do():
    """At the page's default, over five seeds."""
    verdict = judge(changed_inputs.run(InputsConfig(seeds=5)))
    as_it_was, fainter, moved = verdict.worlds
    assert fainter.batch < as_it_was.batch - 0.15
    assert fainter.plain < as_it_was.plain - 0.1
    assert fainter.adapted == pytest.approx(as_it_was.adapted, abs=0.005)
    assert moved.adapted < as_it_was.adapted - 0.3
    assert (fainter.restored, moved.restored, verdict.protects) == (True, False, "no")
