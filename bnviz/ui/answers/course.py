"""The settings that the course itself shows: defaults and challenges."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from typing import Any

from bnviz.experiments.settings import Settings


def of_the_course(config: Settings) -> bool:
    """Whether these are the defaults of a lesson, or one that a challenge leads to.

    Or have the same answer as one of them.
    """
    known = settings_of(type(config))
    return any(one.model_dump(exclude_defaults=True) in known for one in (config, config.reduced()))


@cache
def settings_of(config: type[Settings]) -> list[dict[str, Any]]:
    """What differs from the defaults, for every setting of the course."""
    settings: dict[str, Any] = {}
    for known in config.__mro__:  # a closed section asks with the settings of its page
        words = known.__module__.replace(".experiments.", ".words.")
        if words != known.__module__ and importlib.util.find_spec(words) is not None:
            lesson = importlib.import_module(words)
            settings |= {one.name: one.setting for one in getattr(lesson, "CHALLENGES", ())}
    fields = config.model_fields
    return [{}] + [
        {name: value for name, value in preset.items() if value != fields[name].default}
        for preset in settings.values()
        if set(preset) <= set(fields)
    ]
