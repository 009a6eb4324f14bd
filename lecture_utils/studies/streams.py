"""Streams whose rule may change, and ways to keep a linear model up to date on them.

A row has features x and the target ``y = x @ w + noise``; the noise has variance 1, so that no
model has a mean squared error below 1 in the long run. What a way costs is counted in rows
touched: a row counts once for every fit that looks at it.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from river import drift

#: How the rule may change.
KINDS = ("still", "jump", "slow")
#: Rows that every model is fitted to before it is judged.
START = 200
#: The longest stretch of rows that is fitted after an alarm.
LONGEST_REFIT = 200


def drifting_streams(
    kind: str,
    n_streams: int,
    *,
    rng: np.random.Generator,
    degrees: float = 90,
    jump_at: tuple[float, float] = (0.3, 0.7),
    n_rows: int = 2000,
    n_features: int = 5,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return features and targets of streams with weights that turn.

    The weights are ``cos(angle) * before + sin(angle) * after``, with two standard normal vectors
    for each stream.

    Parameters
    ----------
    kind : {"still", "jump", "slow"}
        The angle stays 0, jumps to `degrees`, or grows evenly from 0 to `degrees`.
    n_streams, n_rows, n_features : int
        Their numbers.
    rng : numpy.random.Generator
        Draws the features, the two vectors of weights, the places of the jumps and the noise, in
        this order.
    degrees : float
        How far the weights turn.
    jump_at : (float, float)
        After which share of the rows the jump comes at the earliest and at the latest; each stream
        has a place of its own, so that no schedule is there at the right moment by design.

    Returns
    -------
    x : array of float, shape (n_streams, n_rows, n_features)
    y : array of float, shape (n_streams, n_rows)

    Raises
    ------
    ValueError
        If there is no such kind.

    Examples
    --------
    >>> x, y = drifting_streams("jump", 3, rng=np.random.default_rng(0))
    >>> x.shape, y.shape
    ((3, 2000, 5), (3, 2000))
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    x = rng.normal(size=(n_streams, n_rows, n_features))
    before, after = rng.normal(size=(2, n_streams, 1, n_features))
    jump = np.round(n_rows * rng.uniform(*jump_at, size=(n_streams, 1, 1)))
    row = np.arange(n_rows)[:, None]
    turn = {"still": 0 * row, "jump": row >= jump, "slow": row / (n_rows - 1)}[kind]
    angle = np.radians(degrees) * turn  # (n_streams or 1, n_rows, 1)
    weights = np.cos(angle) * before + np.sin(angle) * after
    return x, (x * weights).sum(axis=-1) + rng.normal(size=(n_streams, n_rows))


def fit(x: NDArray, y: NDArray) -> NDArray[np.float64]:
    """Return the weights of least squares."""
    return np.linalg.lstsq(x, y, rcond=None)[0]


def on_schedule(x: NDArray, y: NDArray, every: float, window: int) -> tuple[float, int]:
    """Fit the newest rows again and again, whatever happens.

    Parameters
    ----------
    x : array of float, shape (n_rows, n_features)
    y : array of float, shape (n_rows,)
        One stream.
    every : float
        Rows from one fit to the next; infinity for never again.
    window : int
        How many of the newest rows are fitted.

    Returns
    -------
    error : float
        Mean squared error after the first `START` rows; each row tests before it trains.
    touched : int
        Rows touched.
    """
    theta, touched, errors, at = fit(x[:START], y[:START]), START, [], START
    while at < len(y):
        end = int(min(at + every, len(y)))
        errors.append(y[at:end] - x[at:end] @ theta)
        if end < len(y):
            first = max(0, end - window)
            theta, touched = fit(x[first:end], y[first:end]), touched + end - first
        at = end
    return float(np.mean(np.concatenate(errors) ** 2)), touched


def on_alarm(
    x: NDArray,
    y: NDArray,
    delta: float,
    factor: float,
    wait: int,
    growing: bool = True,
    every: float = np.inf,
) -> tuple[float, int]:
    """Fit again when ADWIN sees that the errors have changed.

    ADWIN expects values from 0 to 1. It gets ``factor * min(|error| / (3 s), 1)``, with s the
    standard deviation of the errors on the first rows. `wait` rows after the alarm the rows since
    the alarm are fitted; if `growing` again at twice as many, four times as many, up to
    `LONGEST_REFIT`. Until the last of these fits nothing is watched; then a new ADWIN begins.

    Parameters
    ----------
    x, y : array of float
        One stream, as in `on_schedule`.
    delta : float
        ADWIN's setting; a larger one gives earlier alarms, and more false ones.
    factor : float
        The largest value that ADWIN gets; a larger one gives earlier alarms as well.
    wait : int
        Rows between the alarm and the first fit.
    growing : bool
        Whether more fits follow.
    every : float
        Where no alarm comes for so many rows, the newest `LONGEST_REFIT` are fitted all the same.

    Returns
    -------
    error : float
        As in `on_schedule`.
    touched : int
        Rows touched.
    """
    theta, touched = fit(x[:START], y[:START]), START
    scale = 3 * np.std(y[:START] - x[:START] @ theta)
    errors, at = np.empty(len(y)), START
    while at < len(y):
        due = int(min(at + every, len(y)))
        errors[at:] = y[at:] - x[at:] @ theta
        alarm = first_alarm(factor * np.minimum(np.abs(errors[at:due]) / scale, 1), delta)
        if alarm is None:
            at = due
            if at < len(y):
                theta = fit(x[at - LONGEST_REFIT : at], y[at - LONGEST_REFIT : at])
                touched += LONGEST_REFIT
            continue
        since = at + alarm + 1
        for end in refits(since, wait, growing):
            if end > len(y):
                break
            theta, touched = fit(x[since:end], y[since:end]), touched + end - since
            errors[end:] = y[end:] - x[end:] @ theta
        at = end
    return float(np.mean(errors[START:] ** 2)), touched


def refits(since: int, wait: int, growing: bool) -> list[int]:
    """Return the rows before which a model is fitted after an alarm before row `since`.

    >>> refits(1000, 50, True), refits(1000, 50, False)
    ([1050, 1100, 1200], [1050])
    """
    lengths = [wait]
    while growing and 2 * lengths[-1] <= LONGEST_REFIT:
        lengths.append(2 * lengths[-1])
    return [since + length for length in lengths]


def first_alarm(values: Iterable[float], delta: float) -> int | None:
    """Return the place at which a new ADWIN raises its first alarm, None if it raises none."""
    detector = drift.ADWIN(delta=delta)
    for place, value in enumerate(values):
        detector.update(value)
        if detector.drift_detected:
            return place
    return None


def recursive_least_squares(
    x: NDArray, y: NDArray, forgetting: float, ridge: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Update least squares at every row, in all streams at once.

    With the error ``e = y - x @ theta`` and the matrix P, at first ``I / ridge``, a row changes

        theta += P x e / (forgetting + x P x)
        P = (P - P x x P / (forgetting + x P x)) / forgetting

    which is what least squares gives on all rows, a row k steps back weighted by
    ``forgetting**k``, with a penalty on the weights that is forgotten as well.

    Parameters
    ----------
    x : array of float, shape (..., n_rows, n_features)
    y : array of float, shape (..., n_rows)
    forgetting : float
        Above 0 and at most 1.
    ridge : float
        The penalty at first.

    Returns
    -------
    errors : array of float, shape (..., n_rows)
        Of every row before it trained.
    theta : array of float, shape (..., n_features)
        The last weights.
    """
    theta = np.zeros(x.shape[:-2] + x.shape[-1:])
    p = np.zeros((*theta.shape, x.shape[-1])) + np.eye(x.shape[-1]) / ridge
    errors = np.empty(y.shape)
    for at in range(y.shape[-1]):
        row = x[..., at, :]
        errors[..., at] = y[..., at] - (row * theta).sum(-1)
        pull = (p @ row[..., None])[..., 0]
        scale = forgetting + (row * pull).sum(-1)[..., None]
        # A product with itself is symmetric to the last bit; what is not grows by 1/forgetting.
        outer = pull[..., None] * pull[..., None, :]
        theta = theta + pull * errors[..., at, None] / scale
        p = (p - outer / scale[..., None]) / forgetting
    return errors, theta
