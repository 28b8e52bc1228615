"""Numbers within bounds, the plainest first. Exact: multiples of 0.01 are not found with floats."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from spec.sampling.layers import Layer

__all__ = ["Interval", "interval_of", "numbers_in"]

_WIDE = 1000
_EXACT = 2**53
_BITS = {"int32": 32, "int64": 64}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The numbers from `low` to `high` that are multiples of `step` (0: no step)."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_excluded: bool = False
    high_excluded: bool = False
    step: Fraction = Fraction(0)

    def __contains__(self, number: Fraction) -> bool:
        if self.low is not None and (number, not self.low_excluded) < (self.low, True):
            return False
        if self.high is not None and (number, self.high_excluded) > (self.high, False):
            return False
        return not self.step or number % self.step == 0


def interval_of(layers: Sequence[Layer], whole: bool) -> Interval:
    """What the layers together ask of a number; `whole` asks for integers."""
    low, high = _bound(layers, "minimum", max), _bound(layers, "maximum", min)
    above, below = _bound(layers, "exclusiveMinimum", max), _bound(layers, "exclusiveMaximum", min)
    bits = [_BITS[layer["format"]] for layer in layers if layer.get("format") in _BITS]
    if bits:
        limit = Fraction(2 ** (min(bits) - 1))
        low = -limit if low is None else max(low, -limit)
        high = limit - 1 if high is None else min(high, limit - 1)
    low_excluded = above is not None and (low is None or above >= low)
    high_excluded = below is not None and (high is None or below <= high)
    steps = [Fraction(str(layer["multipleOf"])) for layer in layers if "multipleOf" in layer]
    return Interval(
        low=above if low_excluded else low,
        high=below if high_excluded else high,
        low_excluded=low_excluded,
        high_excluded=high_excluded,
        step=_common_multiple([*steps, *([Fraction(1)] if whole else ())]),
    )


def _bound(
    layers: Sequence[Layer], keyword: str, strictest: Callable[..., Fraction | None]
) -> Fraction | None:
    bounds = [Fraction(str(layer[keyword])) for layer in layers if keyword in layer]
    return strictest(bounds, default=None)


def _common_multiple(steps: list[Fraction]) -> Fraction:
    common = Fraction(0)
    for step in steps:
        if not common:
            common = step
        else:
            numerator = math.lcm(
                common.numerator * step.denominator, step.numerator * common.denominator
            )
            common = Fraction(numerator, common.denominator * step.denominator)
    return common


def numbers_in(interval: Interval, random: Random | None) -> Iterator[int | float]:
    """Candidates in an interval: 1 and its neighbours, then from the bounds inwards.

    With `random`, numbers from the whole interval come first, or near its only bound.
    """
    if interval.low is not None and interval.high is not None and interval.low > interval.high:
        return
    seen: set[Fraction] = set()
    if interval.low is None is interval.high and interval.step <= 1 == interval.step.denominator:
        # Nothing but a type is asked for: no need to calculate.
        first = 1 if random is None else random.randint(0, _WIDE)
        seen.add(Fraction(first))
        yield first
    uneven: list[int | float] = []
    for number in _fractions(interval, random):
        # What comes out is a float, whose own value must still lie within.
        try:
            value = number.numerator if _is_plain(number, interval) else float(number)
        except OverflowError:
            continue
        # By its shortest decimal form, which is what JSON carries and a validator reads.
        exact = Fraction(repr(value)) if isinstance(value, float) else number
        if exact in interval and exact not in seen:
            seen.add(exact)
            if _is_even(value, interval.step):
                yield value
            else:
                uneven.append(value)
    yield from uneven


def _is_even(value: float, step: Fraction) -> bool:
    """Whether floats divide without a rest too: many validators ask them (20.33 / 0.01 has one)."""
    unit = float(step)
    return not unit or isinstance(value, int) or (value / unit).is_integer()


def _is_plain(number: Fraction, interval: Interval) -> bool:
    """Whether to write it as an integer; a huge one only where an integer is asked for."""
    is_asked_for = interval.step > 0 and interval.step.denominator == 1
    return number.denominator == 1 and (is_asked_for or abs(number) < _EXACT)


def _fractions(interval: Interval, random: Random | None) -> Iterator[Fraction]:
    low, high, step = interval.low, interval.high, interval.step
    if random is not None:
        yield from _chosen(interval, random)
    yield from (Fraction(1), Fraction(0))
    if not step:
        yield from (Fraction(3, 2), Fraction(1, 2))
    unit = step or Fraction(1)
    if low is not None:
        first = Fraction(math.ceil(low / unit)) * unit
        yield from (first + index * unit for index in range(30))
    if high is not None:
        last = Fraction(math.floor(high / unit)) * unit
        yield from (last - index * unit for index in range(30))
    if not step:
        yield from _between(low, high)
    yield from (sign * index * unit for index in range(1, 30) for sign in (1, -1))
    if not step:
        yield from (Fraction(index, 2) for index in range(-29, 30, 2))


def _between(low: Fraction | None, high: Fraction | None) -> Iterator[Fraction]:
    """What is no integer, between the bounds or beside the only one."""
    if low is not None and high is not None:
        yield from (low + (high - low) * Fraction(part, 16) for part in (8, 4, 12, 2, 14, 1, 15))
        yield from (low, high)
    elif low is not None:
        yield from (low, low + Fraction(1, 2))
    elif high is not None:
        yield from (high, high - Fraction(1, 2))


def _chosen(interval: Interval, random: Random) -> Iterator[Fraction]:
    low, high = interval.low, interval.high
    if low is None and high is None:
        low, high = Fraction(0), Fraction(_WIDE)
    elif low is None and high is not None:
        low = high - _WIDE * (interval.step or 1)
    elif high is None and low is not None:
        high = low + _WIDE * (interval.step or 1)
    assert low is not None
    assert high is not None
    unit = interval.step or (Fraction(1) if high - low >= 20 else Fraction(1, 100))
    first, last = math.ceil(low / unit), math.floor(high / unit)
    if first <= last:
        yield from (random.randint(first, last) * unit for _ in range(20))
