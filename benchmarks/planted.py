"""The faults that `python -m benchmarks.faults` plants, and the tests that mirror their files."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """A change to one file, and what should see it."""

    name: str  # what is wrong once it is planted
    file: str  # seen from the root of the project
    old: str  # text that stands there once
    new: str  # what takes its place
    tests: tuple[str, ...]  # files, or classes and functions in them: file::name


ENGINE = (
    Fault(
        "the running variance averages the biased variance",
        "bnviz/engine/batchnorm.py",
        "_to_variance(new[1], options.epsilon).mul_(count / (count - 1))",
        "_to_variance(new[1], options.epsilon)",
        ("tests/engine/test_batchnorm.py", "tests/engine/test_networks.py"),
    ),
    Fault(
        "batch renormalization's d has the other sign",
        "bnviz/engine/batchnorm.py",
        "(of[0] - running.mean[:, None]) / old",
        "(running.mean[:, None] - of[0]) / old",
        ("tests/engine/test_batchnorm.py",),
    ),
    Fault(
        "the layer itself is updated too before its gradient is compared",
        "bnviz/engine/shifts.py",
        "number < above",
        "number <= above",
        ("tests/engine/test_shifts.py",),
    ),
    Fault(
        "a walk along the gradient goes uphill",
        "bnviz/engine/walks.py",
        "-some.expand(",
        "some.expand(",
        ("tests/engine/test_walks.py",),
    ),
    Fault(
        "inputs are standardized with the test samples among them",
        "bnviz/engine/data.py",
        "train = samples.inputs[~samples.is_test]",
        "train = samples.inputs",
        ("tests/engine/test_data.py",),
    ),
    Fault(
        "data: a smaller class has nothing to be tested with",
        "bnviz/engine/samples.py",
        "np.clip(round(share * len(own)), 1, max(1, len(own) - 1))",
        "np.clip(round(share * len(own)), 0, max(1, len(own) - 1))",
        ("tests/engine/test_samples.py",),
    ),
    Fault(
        "Adam counts its steps from two",
        "bnviz/engine/optimizers.py",
        "math.sqrt(1 - 0.999**self.steps)",
        "math.sqrt(1 - 0.999 ** (self.steps + 1))",
        ("tests/engine/test_training.py", "tests/engine/test_oracle.py"),
    ),
)

FIGURES = (
    Fault(
        "the median of an even number of seeds is the lower of two",
        "bnviz/figures/base.py",
        "ranked(np.minimum(count // 2, len(ordered) - 1))",
        "ranked((count - 1) // 2)",
        ("tests/figures/test_base.py",),
    ),
)

LESSONS = (
    Fault(
        "drawn points: across and up are written the other way round",
        "bnviz/experiments/drawn_points.py",
        "for place in of_class for along in place)",
        "for place in of_class for along in place[::-1])",
        ("tests/experiments/test_drawn_points.py",),
    ),
    Fault(
        "own data: a row with a gap in a column of words is kept",
        "bnviz/experiments/own_data.py",
        'whole &= _texts(sheet, place) != ""',
        'whole &= _texts(sheet, place) != "?"',
        ("tests/experiments/test_own_data.py",),
    ),
    Fault(
        "own data: commas between the columns where they stand in numbers between blanks",
        "bnviz/experiments/own_file.py",
        'if best in ", " and',
        'if best in ";" and',
        ("tests/experiments/test_own_file.py",),
    ),
    Fault(
        "scale: the growing rate grows by one factor (1 - lr λ) a step, not by two",
        "bnviz/experiments/growing_rate.py",
        "(1 - self.learning_rate * self.decay) ** -2",
        "(1 - self.learning_rate * self.decay) ** -1",
        ("tests/experiments/test_growing_rate.py",),
    ),
    Fault(
        "alone: weight decay changes the weights that are constants",
        "bnviz/engine/optimizers.py",
        "if self.masks:  # after",
        "if self.masks and not self.weight_decay:  # after",
        ("tests/engine/test_trained_parts.py",),
    ),
    Fault(
        "alone: a γ far below zero counts as switched off",
        "bnviz/experiments/alone.py",
        "gamma.abs() < OFF",
        "gamma < OFF",
        ("tests/experiments/test_alone.py",),
    ),
    Fault(
        "collapse: the mean cosine counts each sample with itself",
        "bnviz/experiments/collapse.py",
        "(total - n) / (n * (n - 1))",
        "total / (n * n)",
        ("tests/experiments/test_collapse.py",),
    ),
    Fault(
        "home: a layer stands by its upper end, not by its middle",
        "bnviz/verdicts/criteria.py",
        "3 * (layer - 0.5) / depth",
        "3 * layer / depth",
        ("tests/verdicts/test_criteria.py", "tests/verdicts/test_home.py"),
    ),
    Fault(
        "lab: a seed that diverged is left out of a run's one number",
        "bnviz/verdicts/lab.py",
        "accuracy=float(criteria.median_seed(ends))",
        "accuracy=criteria.median(ends)",
        ("tests/verdicts/test_lab.py", "tests/words/test_lab.py"),
    ),
    Fault(
        "quiz: the two parts of the same students are drawn apart",
        "bnviz/verdicts/quiz.py",
        "others = drawn if paired else",
        "others = drawn if not paired else",
        ("tests/verdicts/test_quiz.py",),
    ),
    Fault(
        "race: by the clock, whoever is ahead by less than it can tell has won",
        "bnviz/verdicts/race.py",
        "_score(result, result.seconds_per_step, criteria.ALIKE)",
        "_score(result, result.seconds_per_step)",
        ("tests/verdicts/test_race.py",),
    ),
    Fault(
        "race: the best accuracies are told of the other network",
        "bnviz/words/race/__init__.py",
        " {_best(plain, verdict)}, BN's {_best(batch, verdict)}.",
        " {_best(batch, verdict)}, BN's {_best(plain, verdict)}.",
        ("tests/words/test_race.py",),
    ),
    Fault(
        "race: the plane's axes are exchanged",
        "bnviz/figures/race.py",
        "x=packed(across), y=packed(up)",
        "x=packed(up), y=packed(across)",
        ("tests/figures/test_race.py",),
    ),
    Fault(
        "gradients: how much longer plain's gradient is, in place of BN's",
        "bnviz/verdicts/gradients.py",
        "at_start[BATCH] / np.maximum(at_start[PLAIN], 1e-30)",
        "at_start[PLAIN] / np.maximum(at_start[BATCH], 1e-30)",
        ("tests/verdicts/test_gradients.py", "tests/words/test_gradients.py"),
    ),
    Fault(
        "gradients: needles turn the other way",
        "bnviz/figures/gradients.py",
        "np.exp(1j * np.radians(degrees))",
        "np.exp(-1j * np.radians(degrees))",
        ("tests/figures/test_gradients.py",),
    ),
    Fault(
        "landscape: a loss that is no number any more has not risen",
        "bnviz/verdicts/landscape.py",
        "~(there <= (1 + RISEN) * here.astype(np.float64))",
        "there > (1 + RISEN) * here.astype(np.float64)",
        ("tests/verdicts/test_landscape.py",),
    ),
    Fault(
        "signals: it was learned a window earlier",
        "bnviz/experiments/signals.py",
        "below.argmax(1) + window, NEVER)",
        "below.argmax(1), NEVER)",
        ("tests/experiments/test_signals.py",),
    ),
    Fault(
        "transform: the variance is divided by one less",
        "bnviz/experiments/transform.py",
        "np.square(x - mean).mean(axis=0)",
        "np.square(x - mean).sum(axis=0) / max(1, len(x) - 1)",
        ("tests/experiments/test_transform.py",),
    ),
    Fault(
        "modes: the momentum weighs the old value",
        "bnviz/experiments/mode_measures.py",
        "(1 - momentum) * values[:, step] + momentum * new[:, step]",
        "momentum * values[:, step] + (1 - momentum) * new[:, step]",
        ("tests/experiments/test_modes.py",),
    ),
    Fault(
        "rates: the window has one rate more than reached the target",
        "bnviz/verdicts/rates_measured.py",
        "first + width - 1) if",
        "first + width) if",
        ("tests/verdicts/test_rates.py",),
    ),
    Fault(
        "noise: the law of the mean is that of draws with replacement",
        "bnviz/experiments/redrawn_batches.py",
        "np.sqrt((samples - size) / (samples - 1) / size)",
        "np.sqrt(1 / size)",
        ("tests/experiments/test_redrawn_batches.py",),
    ),
    Fault(
        "scale: the middle layer of an even number is the later one",
        "bnviz/experiments/scale.py",
        "(depth - 1) // 2",
        "depth // 2",
        ("tests/experiments/test_scale.py",),
    ),
)

UI = (
    Fault(
        "every second layer is the first, the third …",
        "bnviz/ui/knobs.py",
        "everyone[1::2]",
        "everyone[::2]",
        ("tests/ui/test_knobs.py", "tests/test_page_lessons.py::TestFrontDoor"),
    ),
    Fault(
        "the course's own results are the first to be forgotten",
        "bnviz/ui/answers/store.py",
        "if key not in self._own)",
        "if key in self._own)",
        ("tests/ui/answers/test_store.py",),
    ),
    Fault(
        "a section that has waited long for a place of its own holds a knob back",
        "bnviz/ui/answers/clerk.py",
        "(question.patient or not self._crowded(other, begun))",
        "True",
        ("tests/ui/answers/test_clerk.py", "tests/ui/answers/test_beside.py"),
    ),
    Fault(
        "a knob shares the cores with a section from its first moment on",
        "bnviz/ui/answers/clerk.py",
        "            if question.patient:\n",
        "            if False:\n",
        ("tests/ui/answers/test_clerk.py",),
    ),
    Fault(
        "what has had much work already overtakes the others",
        "bnviz/ui/answers/clerk.py",
        "+ LATER * max(",
        "- LATER * max(",
        ("tests/ui/answers/test_clerk.py",),
    ),
    Fault(
        "an open section that the page holds back is taken home",
        "bnviz/ui/closer.py",
        "kept=not stage.holds()",
        "kept=True",
        ("tests/ui/test_take_page.py",),
    ),
    Fault(
        "runs that are kept and hidden are in the lab's table, too",
        "bnviz/ui/kept.py",
        "for place in drawn(several)",
        "for place in range(len(several))",
        ("tests/ui/test_take_home.py",),
    ),
)

ROOM = (
    Fault(
        "votes count after the answer was shown",
        "bnviz/ui/room/store.py",
        "return False\n            self._seat(",
        "pass\n            self._seat(",
        ("tests/ui/room/test_store.py", "tests/ui/room/test_visit.py"),
    ),
    Fault(
        "a room takes one reader more than it has seats",
        "bnviz/ui/room/store.py",
        "self._seated(connection, code) >= MOST_READERS",
        "self._seated(connection, code) > MOST_READERS",
        ("tests/ui/room/test_store.py",),
    ),
    Fault(
        "a student sees the run while the class still votes",
        "bnviz/ui/room/visit.py",
        "(lesson, challenge.name) and not room.shown",
        "(lesson, challenge.name) and room.shown",
        ("tests/ui/room/test_visit.py",),
    ),
)

SCRIPTS = (
    Fault(
        "script: ghost batches average the biased variance",
        "bnviz/script/blocks/norm_ghost.txt",
        "x.var(1).mean(0)",
        "var.mean((0, 1))",
        ("tests/script/test_steps.py",),
    ),
    Fault(
        "script: a network is tested after its update",
        "bnviz/script/blocks/training.txt",
        "if step in $recorded:\n            curve",
        "if step + 1 in $recorded:\n            curve",
        ("tests/script/test_steps.py",),
    ),
    Fault(
        "script: what one network has of its own is taken for all",
        "bnviz/script/needs.py",
        "len(self.known[name]) > 1",
        "len(self.known[name]) > 2",
        ("tests/script/test_steps.py",),
    ),
    Fault(
        "script: where some single weights are to be trained, all of their layer are",
        "bnviz/script/blocks/trained.txt",
        "trained=trained: gradient * trained",
        "trained=trained: gradient",
        ("tests/script/test_alone.py",),
    ),
    Fault(
        "script: r and d of batch renormalization are no constants",
        "bnviz/script/blocks/norm2d_renorm.txt",
        "torch.var_mean(x.detach()",
        "torch.var_mean(x",
        ("tests/script/test_images.py",),
    ),
    Fault(
        "script: a map of one pixel is left to torch's rounding",
        "bnviz/script/images.py",
        "if self.fewest == 1 else",
        "if self.fewest == 0 else",
        ("tests/script/test_images.py",),
    ),
)

FAULTS = (*ENGINE, *FIGURES, *LESSONS, *UI, *ROOM, *SCRIPTS)
