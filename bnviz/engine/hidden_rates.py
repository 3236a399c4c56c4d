"""A learning rate and a weight decay of their own for the weights of the hidden layers."""

from __future__ import annotations

import torch
from torch import Tensor

from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan


def hidden_gradients(
    cohort: Cohort, gradients: list[Tensor], plan: Plan, step: int
) -> list[Tensor]:
    """The gradients that make SGD's step theta <- theta - lr g the one that the plan wants.

    Of the weights W of hidden layers, in place of g: growth^(step + 1/2) (g + hidden_decay W), so
    that their learning rate grows by the factor `growth` at each step and they alone decay. All
    other parameters keep theirs. gradients: as `cohort.parameters()`, and left as they are.
    """
    if plan.growth == 1.0 and not plan.hidden_decay:
        return gradients
    hidden = {id(layer.weight) for layer in cohort.layers[:-1]}
    factor = plan.growth ** (step + 0.5)
    with torch.no_grad():
        return [
            factor * (gradient + plan.hidden_decay * parameter)
            if id(parameter) in hidden
            else gradient
            for parameter, gradient in zip(cohort.parameters(), gradients, strict=True)
        ]
