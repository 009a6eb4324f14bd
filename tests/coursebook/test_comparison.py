"""The comparison that decides whether a chapter still says what it said."""

import pytest

from coursebook.comparison import MEAN_ERRORS, SPREAD_FACTOR, Tolerant

SAME = [
    ("loss 0.3", "loss 0.30000000000000004"),
    ("0.3573", "0.3574"),
    ("1.23e-05", "1.24e-05"),
    ("[0.1257 -0.5  ]", "[0.1257   -0.5]"),
    ("nan inf", "nan inf"),
    ({"a": [0.5, {"b": "x 1.5"}]}, {"a": [0.5000000001, {"b": "x 1.5"}]}),
]
DIFFERENT = [
    ("0.864", "0.871"),
    ("0.9", "0.8"),
    ("(2, 3)", "(2, 4)"),
    ("7 of 10", "8 of 10"),
    ("loss 0.5", "Loss 0.5"),
    ("0.5", "0.5 0.5"),
    ("0.5", "nan"),
    ("inf", "1.5"),
    ("0.500", "-0.500"),
    ({"a": 0.5}, {"a": 0.51}),
    ({"a": 0.5}, {"b": 0.5}),
    ({"a": 1}, {"a": 2}),
    ([1.0], [1.0, 2.0]),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_rounding_does_not_matter(left, right):
    assert Tolerant(left) == Tolerant(right)


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_everything_else_does(left, right):
    assert Tolerant(left) != Tolerant(right)
    assert Tolerant(left).differences(Tolerant(right))


def test_a_wider_tolerance_is_for_floats_only():
    assert Tolerant("0.864", rtol=0.02) == Tolerant("0.871", rtol=0.02)
    assert Tolerant("0.864", rtol=0.02) != Tolerant("0.80", rtol=0.02)
    assert Tolerant("0.0", atol=0.01) == Tolerant("0.009", atol=0.01)
    assert Tolerant("shape (2, 3)", rtol=0.5) != Tolerant("shape (2, 4)", rtol=0.5)


def sample(mean: float, sd: float, n: int = 10, **more: int) -> dict:
    """Return the stored form of a sample."""
    return {"mean": mean, "sd": sd, "n": n, "comparisons": 1, **more}


SAME_SPREAD = [
    ("0.818 ± 0.006", "0.817 ± 0.007"),
    ("1.1 ± 1.0", "1.1 ± 1.2"),
    ("0.818 ± 0.010", "0.82 ± 0.01"),  # another spread, other digits
    ("154 ± 17", "151 ± 20"),
    ("|  0.818 ± 0.006 |", "| 0.8180 ± 0.0059 |"),
    ("3.0e-07 ± 2e-08", "3.1e-07 ± 2e-08"),
    ("81.8% ± 0.6%", "81.7% ± 0.7%"),
    ("0.020 (0.007 to 0.033)", "0.022 (0.010 to 0.034)"),
    ("inf ± nan", "inf ± nan"),
    (sample(0.5, 0.1), sample(0.51, 0.11)),
    (sample(0.5, 0.0), sample(0.5, 1e-17)),
]
OTHER_SPREAD = [
    ("0.818 ± 0.006", "0.838 ± 0.006"),
    ("0.818 ± 0.006", "0.818 ± 0.026"),
    ("0.818 ± 0.006", "0.818 0.006"),
    ("154 ± 17 of 5", "154 ± 17 of 6"),
    ("0.020 (0.007 to 0.033)", "0.060 (0.047 to 0.073)"),
    ("0.020 (0.007 to 0.033)", "0.020 (-0.013 to 0.053)"),
    ("inf ± nan", "1.5 ± 0.5"),
    (sample(0.5, 0.1), sample(0.7, 0.1)),
    (sample(0.5, 0.1), sample(0.5, 0.25)),
    (sample(0.5, 0.1), sample(0.5, 0.1, n=9)),
    (sample(0.5, 0.1), sample(0.5, 0.1, comparisons=2)),
]


@pytest.mark.parametrize(("left", "right"), SAME_SPREAD)
def test_a_number_with_its_spread_may_move_within_it(left, right):
    assert Tolerant(left) == Tolerant(right)


@pytest.mark.parametrize(("left", "right"), OTHER_SPREAD)
def test_but_no_further(left, right):
    assert Tolerant(left) != Tolerant(right)
    assert Tolerant(left).differences(Tolerant(right))


@pytest.mark.parametrize("n", [5, 10, 50])
def test_the_bounds_are_those_that_are_said(n):
    stored = Tolerant(sample(0.0, 1.0, n))
    far = MEAN_ERRORS / n**0.5
    assert stored == Tolerant(sample(0.99 * far, 1.0, n))
    assert stored != Tolerant(sample(1.01 * far, 1.0, n))
    assert stored == Tolerant(sample(0.0, 0.99 * SPREAD_FACTOR, n))
    assert stored != Tolerant(sample(0.0, 1.01 * SPREAD_FACTOR, n))


@pytest.mark.parametrize("n", [5, 10, 50])
def test_a_standard_error_is_no_standard_deviation(n):
    assert Tolerant(sample(0.0, 1.0, n)) != Tolerant(sample(0.0, 1 / n**0.5, n))


def test_the_report_names_both():
    (said,) = Tolerant("a 0.818 ± 0.006").differences(Tolerant("a 0.918 ± 0.006"))
    assert said == "0.818 ± 0.006 became 0.918 ± 0.006: the mean moved"
