"""Small runs, trained in a moment, that the tests share; and where the parts of a lesson are."""

from importlib import import_module
from pathlib import Path

from bnviz.ui import course, exact

TINY = {"depth": 2, "width": 8, "steps": 8, "batch_size": 32, "seeds": 2}
BY_HAND = {lesson.name for lesson in course.written() if lesson.knobs and not lesson.trains}
LESSONS = tuple(lesson.name for lesson in course.written() if lesson.knobs)


def module(lesson, package):
    """One part of a lesson, by its name: bnviz.experiments.race, bnviz.words.race, …"""
    return import_module(f"bnviz.{package}.{lesson}")


def closed_sections(lesson):
    """The names, in the link, of what is closed on a lesson's page until somebody looks."""
    page = Path(__file__).resolve().parents[1] / course.lesson(lesson).page
    believed = ("beliefs",) if "frame.beliefs(" in page.read_text(encoding="utf-8") else ()
    return (*getattr(module(lesson, "words"), "CLOSER", {}), *believed)


def config_class(lesson):
    return getattr(module(lesson, "experiments"), f"{lesson.title()}Config")


def page_config(lesson):
    """The Config whose knobs stand on the page, which may be more than those of the experiment."""
    return exact.config_of(lesson)


def tiny(lesson, **changes):
    """A small setting of this lesson."""
    small = {} if lesson in BY_HAND else TINY
    return config_class(lesson)(**small | changes)


def home_config(**changes):
    """A small pair for the front door, with BN in every layer unless the changes say so."""
    return tiny("home", **changes)


def race_config(**changes):
    return tiny("race", **changes)
