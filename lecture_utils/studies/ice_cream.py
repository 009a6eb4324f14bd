"""A script that forecasts tomorrow's sales of an ice cream stand, and the bugs that it may have.

The days are made up, so that everything about them is known. Each bug can be planted by itself;
none raises an error, and the loss falls with each of them. The explorable ``find_the_bug`` shows
the script line by line and computes the same in the page.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import whole_number

#: What one row of the table holds on the evening of a day: the temperature that the forecast
#: promises for the next day (°C), whether that day is a Saturday or Sunday, and cones sold today.
COLUMNS = ("forecast", "weekend", "sold")
SOLD = COLUMNS.index("sold")
#: The script trains on the first days of its 201, tests on the others; 61 come later.
N_DAYS, N_TRAIN, N_LATER = 201, 140, 61
RATE, N_STEPS = 0.1, 200
#: What a forgetful script writes into a gap.
SENTINEL = -99.0
#: The bugs, by what they spoil. The explorable has the first five.
BUGS = ("gaps", "target", "scaler", "pairs", "prediction", "shapes")


@dataclass(frozen=True)
class Run:
    """What one run of the script leaves.

    Attributes
    ----------
    losses : ndarray, shape (N_STEPS,)
        Mean squared error before each step, in cones².
    weights : ndarray, shape (4,)
        One for each column as the model gets it, and the bias.
    report : float
        The error that the script prints: root mean squared error on its test days, in cones.
    mean_error : float
        The same for a forecast that always says the mean of the training targets.
    mean_loss : float
        The loss of that forecast on the training rows.
    forecasts, sold : ndarray, shape (N_LATER - 1,)
        In use, evening after evening: what the script says of the next day, and what it sold.
    same_error : float
        The error in use of the forecast "the same as today".
    """

    losses: NDArray[np.float64]
    weights: NDArray[np.float64]
    report: float
    mean_error: float
    mean_loss: float
    forecasts: NDArray[np.float64]
    sold: NDArray[np.float64]
    same_error: float

    @property
    def in_use(self) -> float:
        """The error in use, in cones."""
        return rmse(self.forecasts, self.sold)


def rmse(forecast: ArrayLike, truth: ArrayLike) -> float:
    r"""Return the root mean squared error :math:`\sqrt{\frac1n\sum_i(f_i-y_i)^2}`.

    Examples
    --------
    >>> round(rmse([1.0, 5.0], [4.0, 9.0]), 4)  # of 3 and 4
    3.5355
    """
    return float(np.sqrt(np.mean(np.subtract(forecast, truth) ** 2)))


def made_up_days(seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the script's table and the days that come later.

    Temperatures wander around 21 °C and resemble those of the day before; the forecast is off by
    one degree. Sales rise by 6 cones a degree and 45 on a weekend, with a noise of 14. On five
    evenings of the table the forecast is missing.

    Parameters
    ----------
    seed : int
        Of the random numbers.

    Returns
    -------
    days, later : ndarray, shapes (201, 3) and (61, 3)
        Columns as in `COLUMNS`, NaN where the forecast is missing. The last evening of `days` is
        the first of ``later``.

    Examples
    --------
    >>> days, later = made_up_days()
    >>> days.shape, later.shape, int(np.isnan(days).sum())
    ((201, 3), (61, 3), 5)
    """
    rng = np.random.default_rng(whole_number("seed", seed, least=0))
    n_days = N_DAYS + N_LATER - 1
    temperature = np.full(n_days + 1, 21.0)
    for day in range(n_days):
        calm = 21 + 0.8 * (temperature[day] - 21)
        temperature[day + 1] = calm + rng.normal(0, 3)
    weekend = np.arange(n_days + 1) % 7 >= 5
    expected = 10 + 6 * (temperature - 5) + 45 * weekend
    sold = np.maximum(np.round(expected + rng.normal(0, 14, n_days + 1)), 0)
    forecast = np.round(temperature[1:] + rng.normal(0, 1, n_days))
    forecast[rng.choice(np.arange(5, N_DAYS - 11), 5, replace=False)] = np.nan
    days = np.column_stack([forecast, weekend[1:], sold[:-1]])
    return days[:N_DAYS], days[N_DAYS - 1 :]


def training_order() -> NDArray[np.int64]:
    """Return the order in which the script mixes its training rows."""
    return np.random.default_rng(1).permutation(N_TRAIN)


def last_known(days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the table with every gap filled by the value of the evening before.

    A gap of the first evening gets the first value of its column.

    Examples
    --------
    >>> last_known(np.array([[20.0, 1.0], [np.nan, 2.0], [23.0, 3.0]])).tolist()
    [[20.0, 1.0], [20.0, 2.0], [23.0, 3.0]]
    """
    filled = np.array(days, float)
    for column in np.flatnonzero(np.isnan(filled[0])):
        filled[0, column] = filled[np.argmax(~np.isnan(filled[:, column])), column]
    for row in range(1, len(filled)):
        gaps = np.isnan(filled[row])
        filled[row, gaps] = filled[row - 1, gaps]
    return filled


def run_script(
    bugs: Collection[str] = (),
    *,
    days: NDArray[np.float64] | None = None,
    rows: ArrayLike | None = None,
    n_steps: int = N_STEPS,
) -> Run:
    """Train and judge the script with the bugs that are named.

    A linear model is trained by gradient descent on half the mean squared error. The bugs:

    ============  ==============================================================================
    gaps          a missing forecast is written as -99
    target        the target is today's sales, a column of the features
    scaler        mean and standard deviation come from all rows, not from the training rows
    pairs         the training rows are mixed, their targets are not
    prediction    in use the row goes into the model without being standardized
    shapes        predictions form a column and targets a row: every pair is compared
    ============  ==============================================================================

    Parameters
    ----------
    bugs : collection of str
        Some of `BUGS`.
    days : ndarray, shape (N_DAYS, 3), optional
        Instead of the table of `made_up_days`.
    rows : array_like of int, optional
        Training rows to train on, instead of all of them.
    n_steps : int
        Steps of gradient descent.

    Returns
    -------
    Run
        Losses, reported error, error in use.

    Raises
    ------
    ValueError
        If a bug is unknown.

    Examples
    --------
    >>> honest, broken = run_script(), run_script(["target"])
    >>> honest.report < honest.mean_error / 2, broken.report < 0.1, broken.in_use > honest.in_use
    (True, True, True)
    """
    unknown = sorted(set(bugs) - set(BUGS))
    if unknown:
        raise ValueError(f"a bug is one of {', '.join(BUGS)}, got {unknown[0]!r}")
    made_up, later = made_up_days()
    days = made_up if days is None else days
    days = np.where(np.isnan(days), SENTINEL, days) if "gaps" in bugs else last_known(days)
    x = days[:-1]
    y = days[:-1, SOLD] if "target" in bugs else days[1:, SOLD]
    seen = x if "scaler" in bugs else x[:N_TRAIN]
    mean, std = seen.mean(axis=0), seen.std(axis=0)
    x = (x - mean) / std
    x_train, y_train = x[:N_TRAIN], y[:N_TRAIN]
    if rows is None:
        rows = training_order()
        x_train, y_train = x_train[rows], y_train if "pairs" in bugs else y_train[rows]
    else:
        x_train, y_train = x_train[rows], y_train[rows]
        if "pairs" in bugs:
            x_train = x_train[::-1]
    w, b, losses = np.zeros(x.shape[1]), 0.0, []
    for _ in range(whole_number("n_steps", n_steps)):
        predicted = x_train @ w + b
        # All pairs at once: their mean error is the distance from the mean target.
        error = predicted - (y_train.mean() if "shapes" in bugs else y_train)
        losses.append(np.mean(error**2) + (y_train.var() if "shapes" in bugs else 0))
        w = w - RATE * x_train.T @ error / len(x_train)
        b = b - RATE * error.mean()
    x_test, y_test = x[N_TRAIN:], y[N_TRAIN:]
    tonight = later[:-1] if "prediction" in bugs else (later[:-1] - mean) / std
    return Run(
        losses=np.array(losses),
        weights=np.append(w, b),
        report=rmse(x_test @ w + b, y_test),
        mean_error=rmse(y[:N_TRAIN].mean(), y_test),
        mean_loss=float(y_train.var()),
        forecasts=tonight @ w + b,
        sold=later[1:, SOLD],
        same_error=rmse(later[:-1, SOLD], later[1:, SOLD]),
    )
