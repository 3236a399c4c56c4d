"""Challenges of no lesson, whose verdict is the setting itself: nothing is trained."""

from bnviz.words.challenge import Challenge, Outcome


def fast(config):
    """Whether the learning rate is above a tenth."""
    return Outcome(right="yes" if config.learning_rate > 0.1 else "no", why="So it is.")


def cannot_tell(config):
    return Outcome(right=None, why="Nobody knows.")


YES_OR_NO = ("yes", "no")
CHALLENGES = (
    Challenge(
        name="fast",
        question="Is 1 fast?",
        answers=YES_OR_NO,
        setting={"learning_rate": 1.0, "depth": 3},
        outcome=fast,
        expected="yes",
    ),
    Challenge(
        name="picture",
        question="Do you see it?",
        answers=YES_OR_NO,
        setting={"learning_rate": 1.0, "depth": 3},
        outcome=fast,
        expected="yes",
        look=True,
    ),
    Challenge(
        name="slow",
        question="Is 0.01 fast?",
        answers=YES_OR_NO,
        setting={"learning_rate": 0.01},
        outcome=fast,
        expected="no",
    ),
    Challenge(
        name="below",
        question="Who knows?",
        answers=YES_OR_NO,
        setting={"gain": 0.3},
        outcome=cannot_tell,
        expected=None,
        on="section",
    ),
)
