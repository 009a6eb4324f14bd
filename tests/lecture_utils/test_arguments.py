"""Arguments that make no sense are refused in words that name them."""

import numpy as np
import pytest

from lecture_utils.arguments import finite_numbers, number, whole_number


@pytest.mark.parametrize(
    ("value", "bounds", "error", "message"),
    [
        ("0.1", {}, TypeError, "rate must be a number, got '0.1'"),
        (None, {}, TypeError, "rate must be a number, got None"),
        (True, {}, TypeError, "rate must be a number, got True"),
        (np.ones(2), {}, TypeError, "rate must be a number, got array"),
        (np.nan, {}, ValueError, "rate must be finite, got nan"),
        (np.inf, {"above": 0}, ValueError, "rate must be finite, got inf"),
        (0, {"above": 0}, ValueError, "rate must be above 0, got 0"),
        (-1e-9, {"least": 0}, ValueError, "rate must be at least 0, got -1e-09"),
        (1, {"above": 0, "below": 1}, ValueError, "rate must be above 0 and below 1, got 1"),
        (1.1, {"least": 0, "most": 1}, ValueError, "rate must be at least 0 and at most 1, got 1"),
    ],
)
def test_numbers_out_of_bounds(value, bounds, error, message):
    with pytest.raises(error, match=message):
        number("rate", value, **bounds)


@pytest.mark.parametrize("value", [0, 1, 0.5, np.float32(0.5), np.int64(1)])
def test_numbers_in_bounds(value):
    result = number("rate", value, least=0, most=1)
    assert type(result) is float
    assert result == value


@pytest.mark.parametrize("value", [1.0, "1", None, True, np.ones(1)])
def test_what_is_no_whole_number(value):
    with pytest.raises(TypeError, match="n must be an integer, got "):
        whole_number("n", value)


def test_whole_numbers():
    assert whole_number("n", np.int32(3)) == 3
    assert whole_number("n", 0, least=0) == 0
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        whole_number("n", 0)


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ([], ValueError, r"x must not be empty, got shape \(0,\)"),
        ([1, np.inf], ValueError, "x must be finite, got inf"),
        ([True], TypeError, "x must be numbers"),
        (["a"], TypeError, "x must be numbers"),
        ([1 + 2j], TypeError, "x must be numbers"),
    ],
)
def test_what_is_no_array_of_numbers(values, error, message):
    with pytest.raises(error, match=message):
        finite_numbers("x", values)
