"""What one did before BN: what the page on signals says of the remedies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.numbers import listed
from bnviz.words.signals.findings import after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnviz.verdicts.signals import Remedy


def over_remedies(remedies: Sequence[Remedy]) -> str:
    """Which of the remedies are enough, without BN and with it."""
    plain = _listed([one.name for one in remedies if one.plain], len(remedies))
    batch = _listed([one.name for one in remedies if one.batch], len(remedies))
    said = f"Without BN most seeds learn with {plain}; with BN, with {batch}."
    if remedies and remedies[0].batch:
        steps = after(remedies[0].batch_after)
        said = f"{said} With BN and nothing else, the typical seed learns after {steps}."
    return said


def _listed(names: Sequence[str], of: int) -> str:
    if len(names) == of > 1:
        return f"all {of}"
    if not names:
        return "none of them" if of > 1 else "none so far"  # “nothing” is the name of the first
    return listed([f"“{name}”" for name in names])
