"""The course: its parts and lessons, in reading order. The one list of lessons."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lesson:
    """One page. `page` is its file, seen from app.py; None: not written yet."""

    name: str  # short, for the sidebar and in the names of its link parameters
    question: str  # the title
    promise: str  # what you see there, in one line
    page: str | None = None
    trains: bool = True  # networks, by the knobs; False: it computes with the reader's numbers
    knobs: bool = True  # False: there is nothing to turn, only to look up

    @property
    def address(self) -> str:
        """Where it is, seen from any other lesson, under whatever path the app is served."""
        return "./" if self is HOME else self.name


HOME = Lesson(
    "home",
    "What does batch normalization change?",
    "Break a deep network with one slider, then mend it layer by layer.",
    "app.py",
)

COURSE: dict[str, tuple[Lesson, ...]] = {
    "Start here": (HOME,),
    "Why depth is hard": (
        Lesson(
            "signals",
            "Why is depth hard?",
            "Signals that vanish and explode on the way.",
            "pages/01_signals.py",
        ),
    ),
    "What BN is": (
        Lesson(
            "transform",
            "What does BN compute?",
            "Four steps on numbers you type in.",
            "pages/02_transform.py",
            trains=False,
        ),
        Lesson(
            "backward",
            "How does the gradient get through?",
            "Six equations, one by one.",
            "pages/03_backward.py",
            trains=False,
        ),
        Lesson(
            "modes",
            "Why does it behave differently at test time?",
            "Statistics of the batch against running averages.",
            "pages/04_modes.py",
        ),
    ),
    "What BN does": (
        Lesson(
            "race",
            "Does it really train faster?",
            "Plain against BN, in steps and in seconds, from the same start.",
            "pages/05_race.py",
        ),
        Lesson(
            "rates",
            "How large may the learning rate be?",
            "All learning rates at once, and the experiment of the 2015 paper.",
            "pages/06_rates.py",
        ),
        Lesson(
            "forgiveness",
            "How forgiving is it?",
            "A map: which learning rates and initial weights train.",
            "pages/07_forgiveness.py",
        ),
        Lesson(
            "activations",
            "What happens inside each layer?",
            "All values of every layer, from the first step to the last.",
            "pages/08_activations.py",
        ),
        Lesson(
            "noise",
            "Why does noise help?",
            "Batch statistics as a regularizer.",
            "pages/09_noise.py",
        ),
        Lesson(
            "alone",
            "How much can γ and β do alone?",
            "All weights stay random; a few numbers of each unit are trained.",
            "pages/10_alone.py",
        ),
    ),
    "Why it works": (
        Lesson(
            "shift",
            "Is it internal covariate shift?",
            "The 2015 hypothesis, tested.",
            "pages/11_shift.py",
        ),
        Lesson(
            "landscape",
            "How rough is the loss surface?",
            "The loss ahead along the gradient, and all around.",
            "pages/12_landscape.py",
        ),
        Lesson(
            "gradients",
            "How far can you trust the gradient?",
            "Walk along it, and see where it points then.",
            "pages/13_gradients.py",
        ),
        Lesson(
            "scale",
            "Why doesn't the scale of the weights matter?",
            "Multiply the weights, and see what changes.",
            "pages/14_scale.py",
        ),
        Lesson(
            "collapse",
            "Can the last layer still tell the samples apart?",
            "Untrained networks, and how alike all samples become.",
            "pages/15_collapse.py",
        ),
    ),
    "Where it ends": (
        Lesson(
            "batches", "When does it break?", "Small and skewed batches.", "pages/16_batches.py"
        ),
        Lesson(
            "placement",
            "Where does it go?",
            "Before or after the activation, in every layer or once.",
            "pages/17_placement.py",
        ),
        Lesson(
            "relatives",
            "Who are its relatives?",
            "Layer, instance and group norm.",
            "pages/18_relatives.py",
        ),
    ),
    "Your turn": (
        Lesson(
            "lab",
            "What happens if …?",
            "The lab: two runs of your own, with every knob.",
            "pages/19_lab.py",
        ),
    ),
    "To look up": (
        Lesson(
            "glossary",
            "What does that word mean?",
            "Every term in one sentence, and every paper.",
            "pages/20_glossary.py",
            trains=False,
            knobs=False,
        ),
    ),
    "For teachers": (
        Lesson(
            "plan",
            "How do I teach this in 10, 45 or 90 minutes?",
            "What to ask, what tempts, what the run shows; and a worksheet.",
            "pages/21_plan.py",
            trains=False,
            knobs=False,
        ),
        Lesson(
            "quiz",
            "What do you know about batch normalization?",
            "Eight questions before and after the lessons, and what a class gained.",
            "pages/22_quiz.py",
            trains=False,
            knobs=False,
        ),
    ),
}


def written() -> list[Lesson]:
    """The lessons that have a page, in reading order."""
    return [lesson for part in COURSE.values() for lesson in part if lesson.page]


def end() -> Lesson:
    """The last lesson; behind it there are words to look up."""
    return [one for one in written() if one.knobs][-1]


def neighbours(lesson: Lesson) -> tuple[Lesson | None, Lesson | None]:
    """The lesson before and the one after, of those that have a page."""
    order = written()
    place = order.index(lesson)
    return (
        order[place - 1] if place else None,
        order[place + 1] if place + 1 < len(order) else None,
    )


def lesson(name: str) -> Lesson:
    """The lesson of this name. Raises KeyError if there is none."""
    return {one.name: one for part in COURSE.values() for one in part}[name]
