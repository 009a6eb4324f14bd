"""When two runs of a cell agree: numbers within bounds, all other text exactly.

- A number with a point or an exponent may differ by a relative 1e-5, or by one unit in its last
  printed digit when at least three significant digits are printed.
- Integers, shapes and words must be equal.
- A number that comes with its spread carries its own tolerance. Such are ``0.818 ± 0.006``, the
  interval of a difference, ``0.020 (0.007 to 0.033)``, and a sample that `record` stored. The mean
  may move by `MEAN_ERRORS` standard errors and the spread by the factor `SPREAD_FACTOR`; the
  number of values is exact.

The bounds follow from a model of what another processor does, which `coursebook.portability`
measures: nearly all runs of a sample repeat, and a few land elsewhere, where another seed could
have led them. One such run, however far away, moves the mean by 2 standard errors at most (the
larger spread of the two counts); two of ten move it by more than 2.5 once in 100,000 times. The
spread changes by more than a factor of 2 once in 1,000 times with one such run of ten, once in 20
with one of five; the factor must stay below √5, at which a standard error passes for a standard
deviation. Measured: at most 1.5 standard errors and a factor of 1.7.
"""

import math
import re
from collections.abc import Iterator

RTOL = 1e-5
MEAN_ERRORS = 2.5
SPREAD_FACTOR = 2
#: The fewest runs behind a spread in this course. A text does not say how many there were.
FEWEST = 5
#: Student's quantile of the 95 % interval of so few.
QUANTILE = 2.776

_DECIMAL = r"(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|nan|inf"
_ANY = rf"[-+]?(?:{_DECIMAL}|\d+)"
NUMBER = re.compile(
    rf"(?<![\w.])(?:(?P<mean>{_ANY})%?[ \t]*±[ \t]*(?P<sd>{_ANY})"
    rf"|(?P<middle>{_ANY}) \((?P<low>{_ANY}) to (?P<high>{_ANY})\)"
    rf"|(?P<float>[-+]?(?:{_DECIMAL})))(?![\w.])"
)


def spreads(text: str) -> list[tuple[float, float, float]]:
    """Return mean, standard deviation and unit of the last digit of every ``a ± b`` in `text`."""
    return [
        (float(found["mean"]), float(found["sd"]), max(_unit(found["mean"]), _unit(found["sd"])))
        for found in NUMBER.finditer(text)
        if found["sd"]
    ]


class Tolerant(str):
    """An output whose ``==`` is the comparison above; wraps what nbval is about to compare.

    It is a string because nbval cuts and joins what it reports about a failed cell.
    """

    def __new__(cls, value, rtol: float = RTOL, atol: float = 0.0):
        """Wrap `value`, of any type that JSON knows."""
        wrapped = super().__new__(cls, value if isinstance(value, str) else repr(value))
        wrapped.value, wrapped.rtol, wrapped.atol = value, rtol, atol
        return wrapped

    def __eq__(self, other):
        return not self.differences(other)

    def __ne__(self, other):
        return bool(self.differences(other))

    __hash__ = None

    def differences(self, other) -> list[str]:
        """Return what differs, in words; an empty list when nothing does."""
        return list(self._compare(self.value, other.value))

    def _compare(self, left, right) -> Iterator[str]:
        if isinstance(left, str) and isinstance(right, str):
            yield from self._compare_text(left, right)
        elif isinstance(left, dict) and isinstance(right, dict):
            yield from self._compare_dict(left, right)
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                yield f"{len(left)} elements became {len(right)}"
            for a, b in zip(left, right, strict=False):
                yield from self._compare(a, b)
        elif float in (type(left), type(right)) and not {type(left), type(right)} - {int, float}:
            yield from self._compare_numbers(repr(float(left)), repr(float(right)))
        elif left != right:
            yield f"{left!r} became {right!r}"

    def _compare_dict(self, left: dict, right: dict) -> Iterator[str]:
        if left.keys() != right.keys():
            yield f"the keys {sorted(left.keys() ^ right.keys())} are on one side only"
        common = left.keys() & right.keys()
        if {"mean", "sd", "n"} <= common:
            sides = ((float(side["mean"]), float(side["sd"])) for side in (left, right))
            yield from self._compare_spread(*sides, errors=math.sqrt(left["n"]))
            common -= {"mean", "sd"}
        for key in common:
            yield from self._compare(left[key], right[key])

    def _compare_text(self, left: str, right: str) -> Iterator[str]:
        texts = [_without_numbers(text) for text in (left, right)]
        if texts[0] != texts[1]:
            yield "the text apart from the numbers differs"
        for a, b in zip(NUMBER.finditer(left), NUMBER.finditer(right), strict=False):
            if a.lastgroup != b.lastgroup:  # the text differs, too
                continue
            unit = max(_unit(text) for found in (a, b) for text in found.groups() if text)
            if a["sd"]:
                sides = ((float(found["mean"]), float(found["sd"])) for found in (a, b))
                errors = math.sqrt(FEWEST)
                yield from self._compare_spread(*sides, errors=errors, unit=unit)
            elif a["low"]:
                sides = (
                    (float(found["middle"]), (float(found["high"]) - float(found["low"])) / 2)
                    for found in (a, b)
                )
                yield from self._compare_spread(*sides, errors=QUANTILE, unit=unit)
            else:
                yield from self._compare_numbers(a[0], b[0])

    def _compare_spread(
        self,
        left: tuple[float, float],
        right: tuple[float, float],
        *,
        errors: float,
        unit: float = 0.0,
    ) -> Iterator[str]:
        """Compare two pairs of a mean and a spread, which is so many standard errors wide."""
        (mean_a, a), (mean_b, b) = left, right
        became = f"{mean_a:g} ± {a:g} became {mean_b:g} ± {b:g}"
        bound = MEAN_ERRORS * max(a, b) / errors + unit
        if not (self._close(mean_a, mean_b) or abs(mean_a - mean_b) <= bound):
            yield f"{became}: the mean moved"
        bound = SPREAD_FACTOR * min(a, b) + max(unit, RTOL * abs(mean_a))
        if not (self._close(a, b) or max(a, b) <= bound):
            yield f"{became}: the spread changed"

    def _compare_numbers(self, left: str, right: str) -> Iterator[str]:
        enough_digits = all(_digits(text) >= 3 for text in (left, right))
        unit = max(_unit(left), _unit(right)) if enough_digits else 0.0
        if not self._close(float(left), float(right), unit):
            yield f"{left} became {right}"

    def _close(self, a: float, b: float, unit: float = 0.0) -> bool:
        """Return whether two numbers agree by the tolerance of the cell, or by one unit."""
        if a == b or (math.isnan(a) and math.isnan(b)):
            return True
        if not (math.isfinite(a) and math.isfinite(b)):
            return False
        return abs(a - b) <= max(self.rtol * max(abs(a), abs(b)), self.atol, unit)


def _unit(text: str) -> float:
    """Return one unit in the last printed digit."""
    mantissa, _, exponent = text.lower().partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return unit * 1.000001  # the difference of two decimals is not exact in binary


def _digits(text: str) -> int:
    """Return how many significant digits are printed."""
    mantissa = text.lower().partition("e")[0]
    return len(mantissa.strip("+-").replace(".", "").lstrip("0"))


def _without_numbers(text: str) -> str:
    """Return `text` with a mark for every number; columns are padded to the widest number."""
    marked = NUMBER.sub(
        lambda found: "\0±\0" if found["sd"] else "\0to\0" if found["low"] else "\0", text
    )
    return re.sub(r"[ \t]*\0[ \t]*", "\0", marked)
