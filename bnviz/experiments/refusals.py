"""What is said of a value that a Config refuses."""

from __future__ import annotations

from pydantic import ValidationError

SHOWN = 60  # characters of a value that is refused


def shortened(value: object) -> str:
    """The value as Python writes it, as much of it as a sentence holds."""
    try:
        written = repr(value)
    except ValueError:  # Python writes no number of more than 4300 digits
        return "what is too long to write"
    return written if len(written) <= SHOWN else f"{written[: SHOWN - 1]}…"


def complaint(error: ValidationError) -> str:
    """A refused Config in one sentence a reader can use."""
    parts = []
    for one in error.errors():
        name = ".".join(str(part) for part in one["loc"])
        said = one["msg"].removeprefix("Value error, ")
        if name and one["type"] != "value_error":  # of pydantic's own, which do not name the value
            said = f"{shortened(one['input'])} is refused; {said[0].lower()}{said[1:]}"
        parts.append(f"{name}: {said}" if name else said)
    return "; ".join(parts) + "."
