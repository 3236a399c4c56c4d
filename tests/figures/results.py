"""Small results of every lesson, of all kinds that a figure must bear; each is trained once."""

from tests.samples import BY_HAND, module, tiny

DIVERGED = {"depth": 6, "gain": 1e4, "learning_rate": 1e3}
KINDS = {
    "tiny": {},
    "one seed": {"seeds": 1, "activation": "sigmoid"},
    "one step": {"steps": 1, "activation": "tanh"},
    "everybody diverged": DIVERGED,
    "some diverged": {"learning_rate": 100.0, "depth": 4, "width": 16, "steps": 20, "seeds": 3},
    "fifty layers": {"depth": 50, "activation": "gelu"},
    "on the plane": {"dataset": "moons", "activation": "identity"},
    "on the plane, diverged": {"dataset": "spirals", "activation": "leaky relu"} | DIVERGED,
}
"""Each activation is in one of them: pictures hardly differ by it, and never by it together with
something else."""

KINDS_BY_HAND = {
    name: {"source": name}
    for name in ("well-behaved", "one outlier", "constant feature", "two rows", "a single row")
} | {
    "large and small": {"table": "1e9~0_-1e9~1e-300", "epsilon": 1e-12},
    "nothing": {"table": "0~0_0~0"},
    "full": {"table": "_".join(f"{row}~{row * row % 7}" for row in range(64))},
}


def kinds(lesson):
    """The settings that a lesson's pictures are tried with."""
    return KINDS_BY_HAND if lesson in BY_HAND else KINDS


_results = {}


def result(lesson, kind):
    """Each kind of result is trained once."""
    if (lesson, kind) not in _results:
        config = tiny(lesson, **kinds(lesson)[kind])
        _results[lesson, kind] = module(lesson, "experiments").run(config)
    return _results[lesson, kind]
