"""What each lesson compares: from its Config to the networks that its script trains."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bnviz.axes import PARTS
from bnviz.engine.architecture import CHOSEN
from bnviz.engine.batchnorm import Options
from bnviz.engine.points import NOISE
from bnviz.engine.training import recording_steps
from bnviz.experiments import (
    activations,
    alone,
    drawn_points,
    gradients,
    home,
    landscape,
    noise,
    placement,
    rates,
    relatives,
    shift,
)
from bnviz.experiments.data_knobs import DRAWN, as_scaling
from bnviz.experiments.own_samples import OwnDataSettings
from bnviz.experiments.settings import REACHES
from bnviz.script import images
from bnviz.script.traits import Arm

if TYPE_CHECKING:
    from bnviz.engine.architecture import Architecture
    from bnviz.experiments.activations import ActivationsConfig
    from bnviz.experiments.alone import AloneConfig
    from bnviz.experiments.collapse import CollapseConfig
    from bnviz.experiments.gradients import GradientsConfig
    from bnviz.experiments.home import HomeConfig
    from bnviz.experiments.lab_config import LabConfig
    from bnviz.experiments.landscape import LandscapeConfig
    from bnviz.experiments.modes import ModesConfig
    from bnviz.experiments.noise import NoiseConfig
    from bnviz.experiments.placement import PlacementConfig
    from bnviz.experiments.race import RaceConfig
    from bnviz.experiments.rates import RatesConfig
    from bnviz.experiments.relatives import RelativesConfig
    from bnviz.experiments.settings import Settings
    from bnviz.experiments.shift import ShiftConfig

INDENTED = 90  # letters of a line behind a name
NO_BREAK = "\N{NO-BREAK SPACE}"
BN: dict[str, Any] = {"normalizer": "batch"}
WALK_LOSS = frozenset({"copies", "walk", "walk_loss"})
WALK_GRADIENT = frozenset({"copies", "walk", "walk_gradient"})
UNTRAINED = frozenset({"untrained"})
BOTH_MODES = frozenset({"copies", "modes"})
"""What a script measures beside the test accuracy, as facts for its blocks."""
SPARE = {"switchable": "switchable norm", "renorm": "batch renormalization"}
"""Of the relatives, those that torch lacks and that take the most code; the longest first."""


@dataclass(frozen=True)
class Comparison:
    """What a script trains, and what it asks of it."""

    config: Settings  # of the data and the seeds
    arms: Mapping[str, Arm]  # by the name that the script gives them
    target: float | None = None  # test accuracy to be reached, 0 to 1
    measures: frozenset[str] = frozenset()  # facts
    code: Mapping[str, str] = field(default_factory=dict)  # beside that of the data
    called: Mapping[str, str] = field(default_factory=dict)  # what a constant is, otherwise
    reach: Sequence[float] = ()  # step lengths of a walk along the gradient
    left_out: str = ""  # what the page measures beside it, and the script does not
    spare: Mapping[str, str] = field(default_factory=dict)  # what may be left out for its length
    too_long: Sequence[str] = ()  # what of that is left out, in words

    def ever_shorter(self) -> Iterator[Comparison]:
        """As it is; then without the first of the spare networks; then without the second, too."""
        made = self
        yield made
        for spare, words in self.spare.items():
            arms = {name: arm for name, arm in made.arms.items() if name != spare}
            made = replace(made, arms=arms, too_long=[*made.too_long, words])
            yield made

    def facts(self) -> set[str]:
        """Words for the conditions of the blocks: of the data, and of what is asked."""
        conditions = {
            "target": self.target is not None,
            "wild": self._wild(),
            "raw": not self._wild() and self._scaling() == "raw",
            "fewer": self._has_fewer(),
            "wrong": self._wrong() > 0,
        }
        told = {word for word, true in conditions.items() if true}
        return {self.data_name(), self.config.raw_samples().kind} | self.measures | told

    def data_name(self) -> str:
        """The data set, as a word."""
        return self.config.dataset.replace(" ", "_")

    def constants(self) -> dict[str, tuple[str, str]]:
        """What the script calls it -> its value, and what it is."""
        data, first = self.config.data(), self.config.first_seed
        seeds = range(first, first + self.config.seeds)
        return {
            "SEEDS": (repr(seeds), "each sets first weights and mini-batches"),
            "INPUTS": (str(data.features), "features"),
            "CLASSES": (str(data.classes), "labels"),
            "TARGET": (repr(self.target), "test accuracy to be reached"),
            "REACH": (str(list(self.reach)), "step lengths of a walk along the gradient"),
        }

    def marks(self) -> dict[str, str]:
        """What stands for the marks of the blocks, but for what the networks are."""
        size = len(self.config.data().train_labels)
        usual = NOISE.get(self.config.dataset, 0.0)
        of_data = {
            "train_size": str(size),
            "wrong": str(round(self._wrong() * size)),
            "spread": repr(self.config.point_noise * usual),
        }
        return of_data | self._drawn() | dict(self.code)

    def _drawn(self) -> dict[str, str]:
        """The places of points that were drawn by hand, as code."""
        if not isinstance(self.config, OwnDataSettings) or self.config.dataset != DRAWN:
            return {}
        zeros, ones = drawn_points.read(self.config.points)
        return {
            "zeros": _places(zeros),
            "ones": _places(ones),
            "reach": str(drawn_points.REACH),
        }

    def _has_fewer(self) -> bool:
        """Whether there are fewer samples to learn from than the data have."""
        return len(self.config.data().train_labels) < self.config.raw_samples().train_count

    def _wrong(self) -> float:
        """The share of wrong labels among them."""
        return self.config.wrong_labels

    def _wild(self) -> bool:
        return getattr(self.config, "features", "scaled") == "wild"

    def _scaling(self) -> str:
        return as_scaling(self.config.scaling, self.config.raw_samples().kind)


def _places(some: Sequence[drawn_points.Place]) -> str:
    """A list of pairs, none of which is cut by the end of a line."""
    pairs = ", ".join(str(place).replace(" ", NO_BREAK) for place in some)
    lines = textwrap.fill(f"[{pairs}]", INDENTED, subsequent_indent=" " * 4)
    return lines.replace(NO_BREAK, " ")


def of_networks(
    config: Settings,
    networks: Mapping[str, Architecture],
    recorded: Sequence[int],
    **more: Any,
) -> Comparison:
    """Networks that train alike, by the plan of the config."""
    plan = config.plan(1)
    arms = {name: Arm(one, plan, config.gain, recorded) for name, one in networks.items()}
    return Comparison(config, arms, **more)


def pair(
    config: Settings,
    normalized: tuple[int, ...] | None,
    recorded: Sequence[int],
    options: Options | None = None,
    both: Mapping[str, Any] | None = None,
    **more: Any,
) -> Comparison:
    """Plain and BN; BN has it in the hidden layers `normalized`. None: in all."""
    shared = dict(both or {}) | {"options": options or Options()}
    networks = {
        "plain": config.architecture(**shared),
        "BN": config.architecture(**shared | BN | {"normalized": normalized}),
    }
    return of_networks(config, networks, recorded, **more)


def of_home(config: HomeConfig) -> Comparison:
    return pair(config, config.with_bn(), recording_steps(config.steps, home.RECORDS))


def of_race(config: RaceConfig) -> Comparison:
    return pair(config, config.with_bn(), recording_steps(config.steps), target=config.target)


def of_rates(config: RatesConfig) -> Comparison:
    left_out = "the other learning rates of the sweep: change RATE."
    recorded = rates.records_of(config.steps)
    return pair(config, None, recorded, target=config.target, left_out=left_out)


def of_activations(config: ActivationsConfig) -> Comparison:
    recorded = recording_steps(config.steps, activations.RECORDS)
    return pair(config, config.with_bn(), recorded, left_out="the distributions in each layer.")


def of_noise(config: NoiseConfig) -> Comparison:
    """Ghost batches of every size that the page shows."""
    networks = {"plain": config.architecture()} | {
        f"BN in chunks of {chunk}": config.architecture(
            **BN, options=Options(ghost_batch_size=chunk)
        )
        for chunk in config.chunks()
    }
    return of_networks(config, networks, recording_steps(config.steps, noise.RECORDS))


def of_alone(config: AloneConfig) -> Comparison:
    """The same networks with BN, of which one part or another is trained."""
    networks = {
        name: config.architecture(**BN, trained=part)
        for name, part in zip(alone.PART_NAMES, PARTS, strict=True)
    }
    recorded = recording_steps(config.steps, alone.RECORDS)
    left_out = "what becomes of gamma, and other widths."
    code = {"chosen": str(CHOSEN)}
    return of_networks(config, networks, recorded, left_out=left_out, code=code)


def of_gradients(config: GradientsConfig) -> Comparison:
    recorded = recording_steps(config.steps, gradients.RECORDS)
    more: dict[str, Any] = {"measures": WALK_GRADIENT, "reach": _reach(config)}
    return pair(config, config.with_bn(), recorded, **more)


def of_landscape(config: LandscapeConfig) -> Comparison:
    recorded = recording_steps(config.steps, landscape.RECORDS)
    both = {"skip": config.skip == "on"}
    more: dict[str, Any] = {"measures": WALK_LOSS, "reach": _reach(config)}
    left_out = "the surface around the trained network."
    return pair(config, config.with_bn(), recorded, both=both, left_out=left_out, **more)


def _reach(config: GradientsConfig | LandscapeConfig) -> list[float]:
    """The step lengths of the walk."""
    return [float(f"{length * config.learning_rate:.10g}") for length in REACHES[config.reach]]


def of_modes(config: ModesConfig) -> Comparison:
    recorded = recording_steps(config.steps, config.measured()[0])
    options = Options(momentum=config.momentum)
    left_out = "statistics of the whole training set, and other momenta."
    return pair(config, None, recorded, options, left_out=left_out, measures=BOTH_MODES)


def of_shift(config: ShiftConfig) -> Comparison:
    named = {"plain": "plain", "batch": "BN", "noisy": "noisy BN"}
    networks = {named[name]: config.architecture(**arm) for name, arm in shift.ARMS.items()}
    recorded = recording_steps(config.steps, shift.RECORDS)
    return of_networks(config, networks, recorded, left_out="the shift itself.")


def of_collapse(config: CollapseConfig) -> Comparison:
    """Both networks as they start."""
    both = {"skip": config.skip == "on"}
    left_out = "either half of BN alone, and what comes of training."
    return pair(config, None, [0], both=both, left_out=left_out, measures=UNTRAINED)


def of_placement(config: PlacementConfig) -> Comparison:
    arms = placement.ARMS[config.compare].items()
    networks = {name: config.architecture(**changes) for name, changes in arms}
    recorded = recording_steps(config.steps, placement.RECORDS)
    return of_networks(config, networks, recorded, left_out="what is measured layer by layer.")


def of_relatives(config: RelativesConfig) -> Comparison:
    """The same network, normalized in each of the ways."""
    plan, fewest = config.plan(1), images.fewest(config)
    fixed = (config.network(), plan, config.gain, relatives.recorded(config.steps))
    arms = {kind: images.ImageArm(*fixed, kind, fewest) for kind in relatives.KINDS}
    return Comparison(
        config,
        arms,
        measures=frozenset(images.facts(config)),
        code=images.code(config),
        called={"DEPTH": "convolutions", "WIDTH": "their channels", "INPUTS": "pixels"},
        spare=SPARE,
        left_out="what is seen and measured of the first convolution's maps.",
    )


def of_lab(a: LabConfig, b: LabConfig) -> Comparison:
    """Two runs, which may differ in everything but their data and seeds."""
    arms = {
        name: Arm(one.architecture(), one.plan(1), one.gain, one.records())
        for name, one in {"A": a, "B": b}.items()
    }
    return Comparison(a, arms, left_out="the diagnostic.")


LESSONS: dict[str, Callable[..., Comparison]] = {
    "home": of_home,
    "race": of_race,
    "rates": of_rates,
    "activations": of_activations,
    "noise": of_noise,
    "alone": of_alone,
    "gradients": of_gradients,
    "landscape": of_landscape,
    "modes": of_modes,
    "shift": of_shift,
    "collapse": of_collapse,
    "placement": of_placement,
    "relatives": of_relatives,
    "lab": of_lab,
}
"""The lessons that have a script -> from its Config, in the lab from both, what it compares."""
