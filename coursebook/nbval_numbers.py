"""A pytest plugin for nbval: numbers compare with a tolerance, all other text exactly.

A number with a point or an exponent may differ by a relative 1e-5, or by one unit in its
last printed digit when at least three significant digits are printed. Integers, shapes and
words must be equal. A cell may widen the tolerance in its metadata, with the reason:

    nbval: {rtol: 0.02, atol: 0.001, reason: trained on another processor}

A notebook that names data in its metadata (``lecture: {requires: [imdb]}``) is skipped,
with the reason, when that data is not on this machine.
"""

import math
import re

import pytest
from nbval.plugin import IPyNbCell

from lecture_utils import datasets

RTOL = 1e-5
FLOAT = re.compile(
    r"(?<![\w.])[-+]?(?:(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|nan|inf)(?![\w.])"
)


def close(left: str, right: str, rtol: float, atol: float) -> bool:
    """Return whether two printed numbers agree."""
    a, b = float(left), float(right)
    if a == b or (math.isnan(a) and math.isnan(b)):
        return True
    if not (math.isfinite(a) and math.isfinite(b)):
        return False
    return abs(a - b) <= max(rtol * max(abs(a), abs(b)), atol, _last_digit(left, right))


def _last_digit(*texts: str) -> float:
    """Return one unit in the last printed digit, or 0 when too few digits are printed."""
    unit = 0.0
    for text in texts:
        mantissa, _, exponent = text.lower().partition("e")
        if len(mantissa.strip("+-").replace(".", "").lstrip("0")) < 3:
            return 0.0
        unit = max(unit, 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])))
    return unit * 1.000001  # the difference of two decimals is not exact in binary


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

    def _compare(self, left, right):
        if isinstance(left, str) and isinstance(right, str):
            yield from self._compare_text(left, right)
        elif isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                yield f"the keys {sorted(left.keys() ^ right.keys())} are on one side only"
            for key in left.keys() & right.keys():
                yield from self._compare(left[key], right[key])
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                yield f"{len(left)} elements became {len(right)}"
            for a, b in zip(left, right, strict=False):
                yield from self._compare(a, b)
        elif float in (type(left), type(right)) and not {type(left), type(right)} - {int, float}:
            yield from self._compare_text(repr(float(left)), repr(float(right)))
        elif left != right:
            yield f"{left!r} became {right!r}"

    def _compare_text(self, left: str, right: str):
        texts = [_without_numbers(text) for text in (left, right)]
        if texts[0] != texts[1]:
            yield "the text apart from the numbers differs"
        for a, b in zip(FLOAT.findall(left), FLOAT.findall(right), strict=False):
            if not close(a, b, self.rtol, self.atol):
                yield f"{a} became {b}"


def _without_numbers(text: str) -> str:
    """Return `text` with a mark for every number; arrays pad columns to the widest number."""
    return re.sub(r"[ \t]*\0[ \t]*", "\0", FLOAT.sub("\0", text))


def pytest_itemcollected(item):
    """Wrap what the cell compares: nbval hands every value to `sanitize` just before."""
    if not isinstance(item, IPyNbCell):
        return
    wanted = item.cell.metadata.get("nbval", {})
    rtol, atol = float(wanted.get("rtol", RTOL)), float(wanted.get("atol", 0))
    sanitize = item.sanitize
    item.sanitize = lambda value: Tolerant(sanitize(value), rtol, atol)

    def report(key, left, right):
        found = left.differences(right)
        item.comparison_traceback.append(f"{key}: {len(found)} differences with rtol={rtol:g}")
        item.comparison_traceback.extend(f"  {line}" for line in found[:10])
        item.comparison_traceback.append(f"stored: {left!r:.2000}\nnow:    {right!r:.2000}")

    item.format_output_compare = report


def pytest_collection_modifyitems(items):
    """Skip the chapters whose data is not here, and say so."""
    reasons = {}
    for item in items:
        if isinstance(item, IPyNbCell):
            for name in item.parent.nb.metadata.get("lecture", {}).get("requires", []):
                if name not in reasons:
                    reasons[name] = (
                        ""
                        if datasets.is_available(name)
                        else (
                            f"the data set {name!r} is not on this machine: "
                            "run 'make data' or set LECTURE_DATA_DIR"
                        )
                    )
                if reasons[name]:
                    item.add_marker(pytest.mark.skip(reason=reasons[name]))
