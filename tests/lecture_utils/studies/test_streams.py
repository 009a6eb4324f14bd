"""Streams that drift, and ways to follow them: against direct computations."""

import numpy as np
import pytest

from lecture_utils.studies.streams import (
    LONGEST_REFIT,
    START,
    drifting_streams,
    first_alarm,
    fit,
    on_alarm,
    on_schedule,
    recursive_least_squares,
    refits,
)


def streams(kind="jump", n=3, seed=0, **settings):
    return drifting_streams(kind, n, rng=np.random.default_rng(seed), **settings)


def test_an_unknown_kind_is_answered_with_the_kinds():
    with pytest.raises(ValueError, match="kind must be one of still, jump, slow, got 'sudden'"):
        streams("sudden")


@pytest.mark.parametrize(("kind", "turned"), [("still", 0), ("jump", 90), ("slow", 90)])
def test_the_weights_turn_as_the_kind_says(kind, turned):
    x, y = streams(kind, n=1, n_rows=40_000, jump_at=(0.5, 0.5))
    first, last = fit(x[0, :4000], y[0, :4000]), fit(x[0, -4000:], y[0, -4000:])
    middle = fit(x[0, 18_000:19_900], y[0, 18_000:19_900])
    # The two vectors that the weights turn between, drawn again.
    rng = np.random.default_rng(0)
    rng.normal(size=(1, 40_000, 5))
    before, after = rng.normal(size=(2, 5))
    near = {"atol": 0.25}
    np.testing.assert_allclose(first, before, **near)
    np.testing.assert_allclose(last, after if turned else before, **near)
    if kind == "slow":  # close to 45 degrees
        np.testing.assert_allclose(middle, (before + after) / np.sqrt(2), atol=0.3)
    else:
        np.testing.assert_allclose(middle, before, **near)


def test_a_jump_has_a_place_of_its_own_in_every_stream():
    x, y = streams(n=40, degrees=180)
    places = []
    for rows, targets in zip(x, y, strict=True):
        errors = np.abs(targets - rows @ fit(rows[:400], targets[:400]))
        sums = [errors[at : at + 100].mean() for at in range(500, 1800, 50)]
        places.append(int(np.argmax(np.diff(sums))))
    assert len(set(places)) > 8


@pytest.mark.parametrize("forgetting", [1.0, 0.98])
def test_recursive_least_squares_is_least_squares_on_weighted_rows(forgetting):
    x, y = streams("slow", n=2, n_rows=300)
    _, theta = recursive_least_squares(x, y, forgetting, ridge=1e-6)
    root = np.sqrt(forgetting ** np.arange(300)[::-1])
    for k in range(2):
        expected = fit(root[:, None] * x[k], root * y[k])
        np.testing.assert_allclose(theta[k], expected, rtol=1e-5)


def test_an_error_of_recursive_least_squares_is_that_before_the_row():
    x, y = streams(n=1, n_rows=50)
    errors, _ = recursive_least_squares(x, y, 0.9)
    changed = y.copy()
    changed[0, -1] += 100
    later, _ = recursive_least_squares(x, changed, 0.9)
    np.testing.assert_allclose(later[0, -1] - errors[0, -1], 100)
    np.testing.assert_array_equal(later[0, :-1], errors[0, :-1])


def test_a_schedule_fits_the_newest_rows_and_counts_them():
    x, y = (part[0] for part in streams(n=1, n_rows=500))
    error, touched = on_schedule(x, y, every=100, window=50)
    assert touched == START + 2 * 50  # before rows 300 and 400
    parts = [
        y[at : at + 100] - x[at : at + 100] @ fit(x[from_:at], y[from_:at])
        for at, from_ in ((200, 0), (300, 250), (400, 350))
    ]
    assert error == pytest.approx(np.mean(np.concatenate(parts) ** 2))
    never, touched = on_schedule(x, y, np.inf, 50)
    assert touched == START
    assert never == pytest.approx(np.mean((y[200:] - x[200:] @ fit(x[:200], y[:200])) ** 2))


def test_an_alarm_fits_the_rows_since_it_came():
    x, y = (part[0] for part in streams(n=1, jump_at=(0.5, 0.5)))
    error, touched = on_alarm(x, y, 0.002, 1, 50)
    rest = np.minimum(np.abs(y[200:] - x[200:] @ fit(x[:200], y[:200])), 1e9)
    s = np.std(y[:200] - x[:200] @ fit(x[:200], y[:200]))
    since = START + first_alarm(np.minimum(rest / (3 * s), 1), 0.002) + 1
    assert 1000 < since < 1100
    ends = refits(since, 50, True)
    assert touched == START + sum(end - since for end in ends)
    expected = y - x @ fit(x[:200], y[:200])
    for end in ends:
        expected[end:] = y[end:] - x[end:] @ fit(x[since:end], y[since:end])
    assert error == pytest.approx(np.mean(expected[200:] ** 2))


def test_without_an_alarm_a_schedule_beside_it_fits_all_the_same():
    x, y = (part[0] for part in streams("still", n=1, n_rows=1000))
    alone, touched = on_alarm(x, y, 1e-6, 0.01, 50)
    assert touched == START
    _, touched = on_alarm(x, y, 1e-6, 0.01, 50, True, 300)
    assert touched == START + 2 * LONGEST_REFIT
    assert alone == pytest.approx(on_schedule(x, y, np.inf, START)[0])


def test_the_unit_of_the_values_changes_the_alarms():
    rows = np.abs(np.random.default_rng(0).normal(size=(40, 1800)))
    shares = [
        np.mean([first_alarm(factor * row, 0.5) is not None for row in rows])
        for factor in (0.1, 10)
    ]
    assert shares[0] == 0 and shares[1] > 0.5
