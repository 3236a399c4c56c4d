"""A product of weights, and the networks' own first step: what the page on signals says of them."""

from __future__ import annotations

from math import isfinite, isnan
from typing import TYPE_CHECKING

from bnviz.words.numbers import power, significant
from bnviz.words.signals.findings import rounded

if TYPE_CHECKING:
    from bnviz.verdicts.signals import Network, Product, SignalsVerdict


NETWORKS = {"plain": "plain network", "batch": "network with BN"}


def of_product(product: Product) -> str:
    """What the product of as many factors as the network has layers does in one step."""
    said = [_step(product)]
    if product.promised < -0.5:
        said.append("(The loss starts at 0.5: no step can lower it by more.)")
    return " ".join((*said, f"Above a rate of {significant(product.limit)} the loss rises."))


def _step(product: Product) -> str:
    promised, delivered = signed(product.promised), signed(product.delivered)
    if product.factors == 1:
        return (
            f"At a learning rate of {product.rate:g}, the gradient of a single factor predicts that"
            f" one step changes the loss by {promised}; it changes by {delivered}."
        )
    return (
        f"At a learning rate of {product.rate:g}, the gradient of the product of"
        f" {product.factors} factors predicts that one step changes the loss by {promised}; it"
        f" changes by {delivered}."
    )


def of_first_step(verdict: SignalsVerdict) -> str:
    """The same for the networks of this run; nothing where none of them has a number."""
    return " ".join(
        _first_step(one)
        for one in verdict.networks
        if not isnan(one.promised) and not isnan(one.delivered)
    )


def _first_step(network: Network) -> str:
    which = NETWORKS[network.treatment]
    if not isfinite(network.promised):
        return f"In the first step of the {which}, the gradient is beyond all numbers."
    if not isfinite(network.delivered):
        return (
            f"In the first step of the {which}, the gradient predicts {signed(network.promised)},"
            " and the loss grows beyond all numbers."
        )
    return (
        f"In the first step of the {which}, the gradient predicts {signed(network.promised)}, and"
        f" the loss changes by {signed(network.delivered)}."
    )


def signed(change: float) -> str:
    """A change in words: −0.12, +6,600, +10¹², next to nothing."""
    if not isfinite(change):
        return "beyond all numbers"
    size = abs(change)
    if size < 1e-6:
        return "next to nothing"
    text = power(size) if size >= 1e7 else rounded(size) if size >= 100 else significant(size)
    return f"{'+' if change > 0 else '−'}{text}"
