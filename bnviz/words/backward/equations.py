"""The six equations of the backward pass, and the numbers of all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bnviz.words.numbers import calculated

if TYPE_CHECKING:
    from bnviz.verdicts.backward import BackwardVerdict, Number

SIX = """
Each with its numbers, and what `torch.autograd` says of the same; σ = √(v + ε). The second term of
equation 3 is always 0, since Σ (x − μ) = 0: it stands there because the paper has it.
"""


@dataclass(frozen=True, kw_only=True)
class Equation:
    """One of the six, with the numbers of the batch."""

    title: str
    latex: str
    written: str  # the same in one line of letters, where nothing sets formulas
    number: Number

    def told(self) -> str:
        """Both answers, and their difference."""
        hand, autograd = self.number.hand, self.number.autograd
        where = f"row {self.number.row}: " if self.number.row else ""
        return (
            f"{where}**{calculated(hand)}**, autograd {calculated(autograd)}"
            f" (difference {calculated(abs(hand - autograd), 1)})"
        )


_DXH = r"\frac{\partial L}{\partial \hat x_i}"
_SIX = (
    (
        "1. Through the scale",
        _DXH + r" = \frac{\partial L}{\partial y_i}\,\gamma",
        "∂L/∂x̂ᵢ = ∂L/∂yᵢ · γ",
    ),
    (
        "2. To the variance",
        r"\frac{\partial L}{\partial v} = -\frac{1}{2\sigma^3} \sum_i " + _DXH + r"\,(x_i-\mu)",
        "∂L/∂v = −1/(2σ³) · Σ ∂L/∂x̂ᵢ · (xᵢ − μ)",
    ),
    (
        "3. To the mean",
        r"\begin{aligned}\frac{\partial L}{\partial \mu} = &-\frac1\sigma \sum_i "
        + _DXH
        + r"\\ &- \frac2m\,\frac{\partial L}{\partial v} \sum_i (x_i-\mu)\end{aligned}",
        "∂L/∂μ = −1/σ · Σ ∂L/∂x̂ᵢ − 2/m · ∂L/∂v · Σ (xᵢ − μ)",
    ),
    (
        "4. Along all three ways to the input",
        r"\begin{aligned}\frac{\partial L}{\partial x_i} = &\;\frac1\sigma\,"
        + _DXH
        + r"\\ &+ \frac{2(x_i-\mu)}{m}\,\frac{\partial L}{\partial v}"
        + r" + \frac1m\,\frac{\partial L}{\partial \mu}\end{aligned}",
        "∂L/∂xᵢ = 1/σ · ∂L/∂x̂ᵢ + 2 (xᵢ − μ)/m · ∂L/∂v + 1/m · ∂L/∂μ",
    ),
    (
        "5. To the scale",
        r"\frac{\partial L}{\partial \gamma} = \sum_i \frac{\partial L}{\partial y_i}\,\hat x_i",
        "∂L/∂γ = Σ ∂L/∂yᵢ · x̂ᵢ",
    ),
    (
        "6. To the shift",
        r"\frac{\partial L}{\partial \beta} = \sum_i \frac{\partial L}{\partial y_i}",
        "∂L/∂β = Σ ∂L/∂yᵢ",
    ),
)


def equations(verdict: BackwardVerdict) -> list[Equation]:
    """The six, in the order in which they are computed."""
    return [
        Equation(title=title, latex=latex, written=written, number=number)
        for (title, latex, written), number in zip(_SIX, verdict.six, strict=True)
    ]


HEAD = ("row", "x", "normalized", "∂L/∂y", "as if constants", "∂L/∂x", "autograd")


def rows(verdict: BackwardVerdict) -> list[tuple[str, ...]]:
    """A table below HEAD: each row's numbers on the way back."""
    return [
        (
            f"{place}",
            *map(
                calculated,
                (row.x, row.normalized, row.incoming, row.straight, row.hand, row.autograd),
            ),
        )
        for place, row in enumerate(verdict.rows, start=1)
    ]
