"""How numbers are written: one way for each kind, in every lesson.

What is not zero never reads as zero, what is no number reads as a word, a minus is a minus.
Arguments are plain numbers; which number to write is the verdicts' affair.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

NO_NUMBER = "no number"
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def significant(value: float, digits: int = 2) -> str:
    """A number of any size in so many digits: 0.032, −1.5, 412, 1,143, about 10¹², 0.

    From 100 on whole numbers, beyond a million and below a billionth powers of ten.
    """
    if not math.isfinite(value):
        return NO_NUMBER
    size = abs(value)
    if size and not 1e-9 <= size < 1e6:
        return f"about {'−' * (value < 0)}{power(size)}"
    if size >= 10**digits:
        text = f"{size:,.0f}"
    else:
        text = f"{float(f'{size:.{digits}g}'):.12f}".rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 and text != "0" else text


WHOLE = 6  # digits before the point: calculated numbers with more are written as 1e6


def calculated(value: float, digits: int = 4) -> str:
    """A number that a reader can check, or type again: 4.571, −1.5, 0.0004, 1000, 2.1e−16, 1e9."""
    text = f"{value + 0.0:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        whole = 0 <= int(exponent) < WHOLE
        text = f"{float(text):.0f}" if whole else f"{mantissa}e{int(exponent)}"
    return "0" if text == "-0" else text.replace("-", "−")


def loss(value: float) -> str:
    """A loss, in two digits; NaN and infinity are no number."""
    return significant(value)


def power(value: float) -> str:
    """The nearest power of ten of a positive number: 10⁻¹³."""
    return f"10{f'{math.log10(value):.0f}'.translate(RAISED)}"


def percent(share: float) -> str:
    """A share in whole percent, such as an accuracy: 96 %, less than 1 %; NaN: it diverged.

    A share below 1 that rounds to 100 is more than 99 %.
    """
    if not math.isfinite(share):
        return f"{NO_NUMBER} (diverged)"
    if 0 < share <= 0.005:
        return "less than 1 %"
    return "more than 99 %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"


def fine_percent(share: float) -> str:
    """A share where small ones count, in two digits: 34 %, 0.38 %, less than 0.01 %, none."""
    if not math.isfinite(share):
        return "an unknown share"
    if share <= 0:
        return "none"
    if share < 1e-4:
        return "less than 0.01 %"
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{float(f'{100 * share:.2g}'):g} %"


def percents(shares: Sequence[float]) -> list[str]:
    """Shares of a whole, in whole percent that sum to 100: the largest remainders round up.

    As percent() where the shares leave something out.
    """
    if not math.isclose(math.fsum(shares), 1, abs_tol=1e-4):
        return [percent(share) for share in shares]
    whole = [math.floor(100 * share + 1e-9) for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: whole[i] - 100 * shares[i])
    for place in by_remainder[: 100 - sum(whole)]:
        whole[place] += 1
    return [
        percent(share) if 0 < share <= 0.005 or 0.995 <= share < 1 else f"{part} %"
        for part, share in zip(whole, shares, strict=True)
    ]


def points(difference: float) -> str:
    """How far two shares are apart, whichever is larger: 13 percentage points, 0 percentage points.

    Less than a percentage point, where it is not the same.
    """
    if not math.isfinite(difference):
        return f"{NO_NUMBER} of percentage points"
    size = round(100 * abs(difference))
    if not size:
        return "less than a percentage point" if difference else "0 percentage points"
    return many(size, "percentage point")


def times(ratio: float) -> str:
    """How many times one is the other: 1.3 times, 412 times, more than a million times."""
    if ratio > 1e6:
        return "more than a million times"
    return f"{_factor(ratio)} times"


def times_between(low: float, high: float) -> str:
    """The range of such a ratio over the seeds: 5.6 to 7.9 times."""
    if high > 1e6:
        return times(low) if low > 1e6 else f"{_factor(low)} to more than a million times"
    return f"{between(_factor(low), _factor(high))} times"


def _factor(ratio: float) -> str:
    if ratio < 0.05:
        return significant(ratio)
    return f"{ratio:.1f}" if ratio < 100 else f"{ratio:,.0f}"


def degrees(angle: float) -> str:
    """34°, 5°, 0.5°, less than 0.1°, 0°."""
    if not math.isfinite(angle):
        return "an unknown angle"
    if 0 < angle < 0.1:
        return "less than 0.1°"
    return f"{angle:.0f}°" if angle >= 9.95 else f"{f'{angle:.1f}'.removesuffix('.0')}°"


def between(low: str, high: str) -> str:
    """A range of what is already written: 5 to 7, or 5 where both read the same."""
    return low if low == high else f"{low} to {high}"


def percent_between(low: float, high: float) -> str:
    """A range of shares: 41 to 96 %, or 41 % where both read the same."""
    one, other = percent(low), percent(high)
    return one if one == other else f"{one.removesuffix(' %')} to {other}"


def fine_percent_between(low: float, high: float) -> str:
    """The same where small shares count: 0.064 to 0.12 %, less than 0.01 to 0.3 %."""
    one, other = fine_percent(low), fine_percent(high)
    return one if one == other else f"{one.removesuffix(' %')} to {other}"


def apart(first: float, second: float, digits: int = 2, most: int = 6) -> tuple[str, str]:
    """Two numbers in as many digits as it takes to see which is larger: 0.2271 and 0.2268.

    At most `most`: what differs beyond them is written the same, and is to be called so.
    """
    for some in range(digits, most + 1):
        one, other = significant(first, some), significant(second, some)
        if one != other or first == second:
            break
    return one, other


def many(number: int, thing: str, things: str = "") -> str:
    """1 layer, 3 layers, no layers."""
    if number == 1:
        return f"1 {thing}"
    things = things or f"{thing}s"
    return f"{number or 'no'} {things}"


def steps(number: float) -> str:
    """1 step, 43 steps, 20.5 steps, 0 steps."""
    return "1 step" if number == 1 else f"{number:g} steps"


def learning_rates(length: float) -> str:
    """A length along the gradient: one learning rate; 4 learning rates."""
    return "one learning rate" if length == 1 else f"{length:g} learning rates"


def at_steps(some: Sequence[int]) -> str:
    """When it happened, in some seeds: step 7; steps 7 to 12."""
    low, high = min(some), max(some)
    return f"step {low}" if low == high else f"steps {low} to {high}"


def layers(some: Sequence[int]) -> str:
    """layer 3; layers 3, 4 and 5."""
    named = listed([str(one) for one in some])
    return f"layers {named}" if len(some) > 1 else f"layer {named}"


def seeds(number: int, of: int) -> str:
    """In how many: 3 of 5 seeds; all 5 seeds; both seeds; none of 5 seeds; the one seed."""
    if of == 1:
        return "the one seed" if number else "no seed"
    if of == 2 and number == of:
        return "both seeds"
    return f"all {of} seeds" if number == of else f"{number or 'none'} of {of} seeds"


def any_seeds(number: int, of: int) -> str:
    """The same after a "did not": 3 of 5 seeds; any of 5 seeds, where all of them would mislead."""
    if of == 1:
        return seeds(number, of)
    if number == of:
        return "either of 2 seeds" if of == 2 else f"any of {of} seeds"
    return seeds(number, of)


def listed(parts: Sequence[str], last: str = "and") -> str:
    """a, b and c."""
    return f" {last} ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def magnitude(value: float) -> str:
    """A number of any size, in one digit: exactly 0, about 10⁻⁹, 0.02, 91."""
    if value == 0:
        return "exactly 0"
    return f"about {power(value)}" if 0 < value < 1e-4 else significant(value, 1)


def hundredths(value: float) -> str:
    """A number near 0 or 1, in two decimals: 1.00, −0.03, 0.00; from 10 on in two digits: 93."""
    if not math.isfinite(value) or abs(value) >= 10:
        return significant(value)
    text = f"{value:.2f}".replace("-", "−")
    return "0.00" if text == "−0.00" else text


def noticeable(value: float, least: float = 0.001) -> str:
    """A number in two digits, which below the least is no more than that: less than 0.001."""
    return f"less than {least:g}" if 0 < value < least else significant(value)
