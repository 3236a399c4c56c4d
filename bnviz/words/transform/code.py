"""The transform in a few lines to copy, with the numbers on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bnviz.verdicts.transform import TransformVerdict


def programs(verdict: TransformVerdict) -> tuple[str, str]:
    """The same in NumPy, and in torch.nn."""
    rows = ",\n     ".join(_numbers(row) for row in verdict.table)
    table = f"x = {{}}(\n    [{rows}]\n)"
    return _numpy(verdict, table.format("np.array")), _torch(verdict, table.format("torch.tensor"))


def _numpy(verdict: TransformVerdict, table: str) -> str:
    epsilon = _one_or_each(verdict.epsilon)
    return (
        f"import numpy as np\n\n{table}\n"
        f"gamma = np.array({_numbers(verdict.gamma)})\n"
        f"beta = np.array({_numbers(verdict.beta)})\n\n"
        "mean = x.mean(axis=0)\n"
        "v = ((x - mean) ** 2).mean(axis=0)\n"
        f"normalized = (x - mean) / np.sqrt(v + {epsilon})\n"
        "y = gamma * normalized + beta\nprint(y)\n"
    )


def _torch(verdict: TransformVerdict, table: str) -> str:
    gamma, beta = _numbers(verdict.gamma), _numbers(verdict.beta)
    head = f"import torch\n\ntorch.set_default_dtype(torch.float64)\n{table}\n"
    if len(set(verdict.epsilon)) > 1:
        return head + _torch_by_feature(verdict)
    return head + (
        f"bn = torch.nn.BatchNorm1d({len(verdict.gamma)}, eps={verdict.epsilon[0]!r})\n"
        f"bn.weight.data = torch.tensor({gamma})  # gamma\n"
        f"bn.bias.data = torch.tensor({beta})  # beta\n\n"
        "bn.train()  # the statistics of this batch\ny = bn(x)\nprint(y)\n"
    )


def _torch_by_feature(verdict: TransformVerdict) -> str:
    """A layer has one epsilon: where they differ, each feature has a layer."""
    own = zip(verdict.gamma, verdict.beta, verdict.epsilon, strict=True)
    each = ",\n     ".join(_numbers(some) for some in own)
    return (
        f"gamma, beta, epsilon = torch.tensor(\n    [{each}]\n).T\n\n"
        "# a layer has one epsilon: a layer for each feature\n"
        "y = torch.empty_like(x)\n"
        "for j in range(x.shape[1]):\n"
        "    bn = torch.nn.BatchNorm1d(1, eps=epsilon[j].item())\n"
        "    bn.weight.data, bn.bias.data = gamma[j : j + 1], beta[j : j + 1]\n"
        "    y[:, j : j + 1] = bn(x[:, j : j + 1]).detach()\nprint(y)\n"
    )


def _one_or_each(some: Sequence[float]) -> str:
    return repr(some[0]) if len(set(some)) == 1 else f"np.array({_numbers(some)})"


def _numbers(some: Sequence[float]) -> str:
    """[1.0, 2.0], each with all of its digits."""
    return f"[{', '.join(map(repr, some))}]"
