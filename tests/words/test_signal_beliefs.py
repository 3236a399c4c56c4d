"""What is often believed of signals and gradients, and what a run says of it."""

from bnviz.axes import NEVER
from bnviz.verdicts.signals import judge
from bnviz.words.signals import beliefs as signal_beliefs
from bnviz.words.signals import findings
from tests.made.signals import NOBODY, made


def beliefs(result):
    return signal_beliefs.beliefs(judge(result))


def believed(number, **k):
    return list(beliefs(made(**k)).values())[number]


class TestBeliefs:
    def test_relu(self):
        assert "plain's signal shrinks to 0.50 at each layer" in believed(0)
        assert "too much: plain's signal grows 2.00 times" in believed(0, signal=(2.0, 1.0))
        assert "Here they do, 1.00 times per layer" in believed(0, signal=(1.0, 1.0))
        assert "pass on 0.50 times" in believed(0, lost=((0, 0), NOBODY), gain=0.5)
        assert "shrinks to 0.67 at each layer" in believed(0, signal=(0.67, 1.0), depth=4)
        said = believed(0, signal=(1.0, 1.0), skip="on")
        assert "skip connections carry the signal past that: plain's is 1.00 times" in said

    def test_relu_in_a_run_with_other_units(self):
        said = believed(0, activation="tanh", initialization="he", gain=0.5, depth=4)
        assert "would pass on 0.50 times the size of its input, over 4 layers 6.2 %" in said
        said = believed(0, activation="tanh", initialization="he", gain=2.0, depth=4)
        assert "pass on 2.00 times the size of its input, over 4 layers 16 times" in said
        assert "over 1 layer " in believed(0, activation="tanh", depth=1)

    def test_neither(self):
        assert "BN's gradient is 6.2 times as large at the first" in believed(1)
        assert "here 1/1,000 of BN's gradient" in believed(1, gradient=(0.5, 0.5))
        assert "they do neither" in believed(1, gradient=(0.5, 1.0))
        few = believed(1, gradient=(0.5, 1.2), depth=4)
        assert "takes more layers to see it: here BN's gradient arrives at 173 %" in few
        assert "they do neither" in believed(1, gradient=(0.5, 1.2), depth=4, skip="on")
        assert "cannot tell" in believed(1, depth=1)
        assert "cannot tell" in believed(1, lost=(NOBODY, (0, 0)))

    def test_for_good(self):
        said = believed(2, gradient=(0.5, 1.2), later=1.05)
        assert (
            "Not in this run: BN's gradient grows 1.20 times per layer at the start, 1.05" in said
        )
        assert "It may look so here" in believed(2, gradient=(0.5, 1.2), later=1.2)
        turned = believed(2, gradient=(0.5, 1.2), later=0.12)
        assert "1.20 times per layer at the start; after" in turned
        assert "it shrinks instead, to 12 % at each layer." in turned
        said = believed(2, gradient=(0.5, 1.0))
        assert said == "Nothing explodes here: at each layer BN's gradient is 1.00 times as large."
        assert "no BN network left" in believed(2, lost=(NOBODY, (4, 4)))
        assert "several layers" in believed(2, depth=1)
        dead = made()
        dead.gradient[1, :, -1] = 0
        said = beliefs(dead)["What explodes at the start explodes for good"]
        assert "no gradient gets from layer to layer" in said

    def test_overfit(self):
        assert "ends at 2.30, and guessing costs 2.30. It does not even fit" in believed(3)
        said = believed(3, loss=(0.2, 0.1), accuracy=(0.93, 0.9))
        assert "does not fail at all" in said
        assert "93 % test accuracy" in said
        said = believed(3, loss=(1.27, 0.1), accuracy=(0.83, 0.9))
        assert said.endswith("and guessing costs 2.30. It ends at 83 % test accuracy.")
        said = believed(3, lost=((2, 2), NOBODY))
        assert said == "Not here: plain diverged, which is not overfitting."
        most = {"learned": ((3,) * 3,) * 2, "lost": ((2, 2, NEVER), (NEVER,) * 3)}
        assert "plain diverged in 2 of 3 seeds, which is" in believed(3, **most, loss=(0.2, 0.1))
        said = believed(3, loss=(0.2, 0.1), accuracy=(0.3, 0.9))
        assert said.startswith("It may look so here. Plain's training loss ends at 0.20")
        assert said.endswith("costs 2.30. It ends at 30 % test accuracy.")

    def test_a_large_loss_is_told_in_its_first_digits(self):
        assert "ends at 12.35, and" in believed(3, loss=(12.345, 0.1))
        assert "ends at 1,236, and" in believed(3, loss=(1235.7, 0.1))
        assert "ends at about 10¹⁰, and" in believed(3, loss=(8785625957.8, 0.1))

    def test_a_small_factor_is_not_zero(self):
        assert "shrinks to 0.0028 at each layer" in believed(0, signal=(0.0028, 1.0))
        said = believed(0, activation="tanh", initialization="normal", gain=0.01, width=64, depth=4)
        assert "would pass on 0.0028 times" in said

    def test_a_large_ratio_is_told_as_the_findings_tell_it(self):
        result = made(gradient=(0.5, 1.67))  # over ten layers 169 times
        said = list(beliefs(result).values())[1]
        assert "BN's gradient is 200 times as large" in said
        told = findings.findings(judge(result)).text
        assert "BN's gradient grows 200 times." in told
