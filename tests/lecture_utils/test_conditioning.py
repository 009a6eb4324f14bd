"""The bound on the learning rate, against the eigenvalues and against real runs."""

import numpy as np
import pytest

from lecture_utils.conditioning import condition_number, largest_stable_rate, squared_error_hessian
from lecture_utils.lecture_tables import STOCK_COLUMNS, stock_rows


def scaled(rows, scaler):
    if scaler == "min-max":
        return (rows - rows.min(axis=0)) / np.ptp(rows, axis=0)
    return (rows - rows.mean(axis=0)) / rows.std(axis=0)


def cost_after(x, y, rate, n_steps):
    a = np.column_stack([x, np.ones(len(x))])
    theta = np.zeros(a.shape[1])
    for _ in range(n_steps):
        theta -= rate * 2 / len(a) * a.T @ (a @ theta - y)
    return np.mean((a @ theta - y) ** 2)


def test_hessian_is_the_second_difference_of_the_cost():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(7, 3)), rng.normal(size=7)
    a = np.column_stack([x, np.ones(7)])
    theta, steps = rng.normal(size=4), 1e-3 * np.eye(4)

    def cost(t):
        return np.mean((a @ t - y) ** 2)

    second = [
        [
            (cost(theta + u + v) - cost(theta + u - v) - cost(theta - u + v) + cost(theta - u - v))
            / 4e-6
            for u in steps
        ]
        for v in steps
    ]
    np.testing.assert_allclose(squared_error_hessian(x), second, atol=1e-7)


@pytest.mark.parametrize("scaler", ["min-max", "standardized"])
def test_runs_converge_below_the_bound_and_explode_above_it(scaler):
    rows = stock_rows()
    x, y = scaled(rows[:, :4], scaler), rows[:, 4]
    bound = largest_stable_rate(x)
    assert cost_after(x, y, 0.98 * bound, 2000) < np.mean(y**2)
    assert cost_after(x, y, 1.02 * bound, 2000) > 1e6 * np.mean(y**2)


def test_agrees_with_the_eigenvalues():
    x = scaled(stock_rows()[:, :4], "standardized")
    eigenvalues = np.linalg.eigvalsh(squared_error_hessian(x))
    assert largest_stable_rate(x) == pytest.approx(2 / eigenvalues[-1])
    assert condition_number(x) == pytest.approx(eigenvalues[-1] / eigenvalues[0])


def test_numbers_of_the_stock_rows():
    x = stock_rows()[:, :4]
    assert condition_number(x) == pytest.approx(6.6e16, rel=0.02)
    assert condition_number(scaled(x, "min-max")) == pytest.approx(4.9e3, rel=0.02)
    assert condition_number(scaled(x, "standardized")) == pytest.approx(6.6e2, rel=0.02)


def test_fewer_rows_than_parameters_leave_a_flat_direction():
    assert condition_number(np.eye(2)) == np.inf


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([1.0, 2.0], ValueError, r"x must have shape \(n_rows, n_features\), got \(2,\)"),
        ([[np.nan]], ValueError, "x must be finite, got nan"),
        ([["a"]], TypeError, "x must be numbers"),
        (np.empty((0, 2)), ValueError, r"x must not be empty, got shape \(0, 2\)"),
    ],
)
@pytest.mark.parametrize("function", [squared_error_hessian, largest_stable_rate, condition_number])
def test_refuses(function, x, error, message):
    with pytest.raises(error, match=message):
        function(x)


def test_stock_rows_are_a_new_table_each_time():
    stock_rows()[:] = 0
    rows = stock_rows()
    assert rows.shape == (8, len(STOCK_COLUMNS))
    named = dict(zip(STOCK_COLUMNS, rows.T, strict=True))
    assert all((named["low"] <= named[name]).all() for name in ("open", "close", "high"))
    assert all((named["high"] >= named[name]).all() for name in ("open", "close", "low"))
