"""A number as a binary floating-point format holds it: its bits, what it becomes, and its neighbours.

Worked out with whole numbers, so that it is exact for every ``float`` of Python (IEEE 754, section 3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from explainer.tracing.precision import Format

Class = Literal["normal", "subnormal", "zero", "infinite", "nan"]


@dataclass(frozen=True)
class Held:
    """A number in a format."""

    given: float
    form: Format
    code: int
    """All bits as one whole number, the sign first."""

    @property
    def sign(self) -> str:
        """One bit; ``"1"`` for negative numbers."""
        return self._bits[0]

    @property
    def exponent(self) -> str:
        """Bits of the exponent, the highest first; they stand for a power of two above the smallest."""
        return self._bits[1 : 1 + self.form.exponent]

    @property
    def fraction(self) -> str:
        """Bits behind the point; a normal number has a 1 before it that is not stored."""
        return self._bits[1 + self.form.exponent :]

    @property
    def power(self) -> int:
        """The power of two that the significand is multiplied by."""
        return max(1, int(self.exponent, 2)) - _bias(self.form)

    @property
    def kind(self) -> Class:
        """What kind of number it is."""
        if "0" not in self.exponent:
            return "nan" if "1" in self.fraction else "infinite"
        if "1" in self.exponent:
            return "normal"
        return "subnormal" if "1" in self.fraction else "zero"

    @property
    def value(self) -> float:
        """The number that is held: the nearest to the one given; of two as near, that with the even code."""
        return _value(self.code, self.form)

    @property
    def below(self) -> float:
        """The next lower number of the format; NaN has none."""
        return _neighbour(self.code, self.form, -1)

    @property
    def above(self) -> float:
        """The next higher number of the format."""
        return _neighbour(self.code, self.form, 1)

    @property
    def error(self) -> float:
        """By how much the number held is off, as a share of the one that was given; 0 for zero."""
        if self.given == self.value or math.isnan(self.given):
            return 0.0
        return abs(self.value - self.given) / abs(self.given)

    @property
    def _bits(self) -> str:
        return f"{self.code:0{1 + self.form.exponent + self.form.fraction}b}"


def held(number: float, form: Format) -> Held:
    """Return a number as a format holds it, rounded to the nearest, halves to even."""
    sign = int(math.copysign(1, number) < 0) << (form.exponent + form.fraction)
    infinite = _infinite(form)
    if math.isnan(number):
        return Held(number, form, sign | infinite | 1 << (form.fraction - 1))
    size = abs(number)
    if math.isinf(size):
        return Held(number, form, sign | infinite)
    power = max(math.frexp(size)[1] - 1, 1 - _bias(form)) if size else 1 - _bias(form)
    # In units of the last bit. Scaling by a power of two is exact, and Python rounds halves to even. Units
    # that fill up the fraction carry into the exponent by themselves.
    units = round(math.ldexp(size, form.fraction - power))
    code = ((power + _bias(form) - 1) << form.fraction) + units
    return Held(number, form, sign | min(code, infinite))


def _bias(form: Format) -> int:
    return (1 << (form.exponent - 1)) - 1


def _infinite(form: Format) -> int:
    """Return the code of infinity."""
    return ((1 << form.exponent) - 1) << form.fraction


def _value(code: int, form: Format) -> float:
    size = code & ((1 << (form.exponent + form.fraction)) - 1)
    sign = -1.0 if code != size else 1.0
    if size >= _infinite(form):
        return math.copysign(math.inf if size == _infinite(form) else math.nan, sign)
    exponent, units = size >> form.fraction, size & ((1 << form.fraction) - 1)
    if exponent:
        units |= 1 << form.fraction
    return sign * math.ldexp(units, max(1, exponent) - _bias(form) - form.fraction)


def _neighbour(code: int, form: Format, way: int) -> float:
    """Return the number next to one; both zeros are one number."""
    size = code & ((1 << (form.exponent + form.fraction)) - 1)
    if size > _infinite(form):
        return math.nan
    place = (-size if code != size else size) + way
    last = _infinite(form)
    return math.copysign(_value(min(abs(place), last), form), place)
