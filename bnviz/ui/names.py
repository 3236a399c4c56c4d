"""What things of a lesson are called in the link."""


def name_in_link(lesson: str, field: str) -> str:
    """What a knob is called in the link; the lesson's name keeps lessons from sharing values."""
    return f"{lesson}-{field}"


def layers_in_link(lesson: str, depth: int) -> str:
    """What the toggles on layers are called in the link; each depth has toggles of its own."""
    return f"{lesson}-bn-of-{depth}"
