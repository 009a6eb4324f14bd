"""Learning rate schedules as pure functions of the step.

A schedule takes `step`, the number of updates (not of epochs) done so far, from 0, as an array_like
of any shape, and returns the rate of each next update: float64 of that shape, a scalar for a
scalar. It remembers nothing, so that plotting one cannot change a run.

Names, formulas and values are those of the classes in ``keras.optimizers.schedules``, which
compute in float32: from 2**24 updates on they cannot tell neighbouring steps apart.

Rates, lengths in updates and other settings are floats and positive, unless it is said. A step
or a setting that is not a number raises TypeError; no step at all, a step that is negative or not
finite, or a setting out of its range raises ValueError.
"""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers, number, whole_number

#: A schedule with its settings filled in, as `functools.partial` makes one.
Schedule = Callable[[ArrayLike], NDArray[np.float64]]


def constant(step: ArrayLike, *, rate: float) -> NDArray[np.float64]:
    """Return the same rate at every step.

    ``rate(step) = rate``

    Examples
    --------
    >>> constant([0, 1, 2], rate=0.1)
    array([0.1, 0.1, 0.1])
    """
    step = _counts("step", step)
    return np.full(step.shape, number("rate", rate, above=0))[()]


def exponential_decay(
    step: ArrayLike, *, initial_rate: float, decay_rate: float, decay_steps: float
) -> NDArray[np.float64]:
    """Return a rate that is multiplied by `decay_rate` over every `decay_steps` updates.

    ``rate(step) = initial_rate * decay_rate ** (step / decay_steps)``, `decay_rate` in (0, 1];
    Keras' ``ExponentialDecay``.

    Examples
    --------
    >>> exponential_decay([0, 50, 100], initial_rate=0.1, decay_rate=0.25, decay_steps=100)
    array([0.1  , 0.05 , 0.025])
    """
    progress = _counts("step", step) / number("decay_steps", decay_steps, above=0)
    return (
        number("initial_rate", initial_rate, above=0)
        * number("decay_rate", decay_rate, above=0, most=1) ** progress
    )


def step_decay(
    step: ArrayLike, *, initial_rate: float, decay_rate: float, decay_steps: float
) -> NDArray[np.float64]:
    """Return a rate that drops by the factor `decay_rate` after every `decay_steps` updates.

    ``rate(step) = initial_rate * decay_rate ** floor(step / decay_steps)``, `decay_rate` in
    (0, 1]; Keras' ``ExponentialDecay(staircase=True)``. For a drop every N epochs, `decay_steps`
    is N times the updates of an epoch.

    Examples
    --------
    >>> step_decay([0, 99, 100, 200], initial_rate=0.1, decay_rate=0.5, decay_steps=100)
    array([0.1  , 0.1  , 0.05 , 0.025])
    """
    drops = _counts("step", step) // number("decay_steps", decay_steps, above=0)
    return (
        number("initial_rate", initial_rate, above=0)
        * number("decay_rate", decay_rate, above=0, most=1) ** drops
    )


def natural_exponential_decay(
    step: ArrayLike, *, initial_rate: float, decay_constant: float
) -> NDArray[np.float64]:
    """Return a rate that falls by the natural exponential function.

    ``rate(step) = initial_rate * exp(-decay_constant * step)``: after 1/`decay_constant` updates
    37 % is left. Keras 3 has no class for it; it is `exponential_decay` with
    ``decay_rate = exp(-decay_constant * decay_steps)``.

    Examples
    --------
    >>> natural_exponential_decay([0, 1000], initial_rate=0.1, decay_constant=-np.log(0.96) / 1000)
    array([0.1  , 0.096])
    """
    exponent = -number("decay_constant", decay_constant, above=0) * _counts("step", step)
    return number("initial_rate", initial_rate, above=0) * np.exp(exponent)


def inverse_time_decay(
    step: ArrayLike, *, initial_rate: float, decay_rate: float, decay_steps: float
) -> NDArray[np.float64]:
    """Return a rate that falls like one over the time.

    ``rate(step) = initial_rate / (1 + decay_rate * step / decay_steps)``; Keras'
    ``InverseTimeDecay``.

    Examples
    --------
    >>> inverse_time_decay([0, 100, 300], initial_rate=0.1, decay_rate=1.0, decay_steps=100)
    array([0.1  , 0.05 , 0.025])
    """
    progress = _counts("step", step) / number("decay_steps", decay_steps, above=0)
    return number("initial_rate", initial_rate, above=0) / (
        1 + number("decay_rate", decay_rate, above=0) * progress
    )


def inverse_time_steps(
    step: ArrayLike, *, initial_rate: float, decay_rate: float, decay_steps: float
) -> NDArray[np.float64]:
    """Return a rate that falls like one over the time, in stairs.

    ``rate(step) = initial_rate / (1 + decay_rate * floor(step / decay_steps))``; Keras'
    ``InverseTimeDecay(staircase=True)``.

    Examples
    --------
    >>> inverse_time_steps([0, 99, 100, 300], initial_rate=0.1, decay_rate=1.0, decay_steps=100)
    array([0.1  , 0.1  , 0.05 , 0.025])
    """
    stairs = _counts("step", step) // number("decay_steps", decay_steps, above=0)
    return number("initial_rate", initial_rate, above=0) / (
        1 + number("decay_rate", decay_rate, above=0) * stairs
    )


def piecewise_constant(
    step: ArrayLike, *, boundaries: ArrayLike, rates: ArrayLike
) -> NDArray[np.float64]:
    """Return the rate of the piece that each step lies in.

    ``rate(step) = rates[i]``, where ``i`` is how many boundaries are smaller than `step`; Keras'
    ``PiecewiseConstantDecay``.

    Parameters
    ----------
    step : array_like of int, shape (...)
        Updates done so far.
    boundaries : array_like of int, shape (n_pieces - 1,)
        The last step of each piece but the last, rising. Not negative.
    rates : array_like of float, shape (n_pieces,)
        Positive.

    Examples
    --------
    >>> piecewise_constant([0, 10, 11, 30], boundaries=[10, 20], rates=[0.1, 0.05, 0.01])
    array([0.1 , 0.1 , 0.05, 0.01])
    """
    boundaries = _counts("boundaries", boundaries)
    rates = finite_numbers("rates", rates)
    if boundaries.ndim != 1 or rates.shape != (boundaries.size + 1,):
        raise ValueError(
            "rates must hold one value more than boundaries, "
            f"got shapes {rates.shape} and {boundaries.shape}"
        )
    if not (rates > 0).all():
        raise ValueError(f"rates must be positive, got {rates[~(rates > 0)][0]}")
    falls = np.flatnonzero(np.diff(boundaries) <= 0)
    if falls.size:
        before, after = boundaries[falls[0] : falls[0] + 2]
        raise ValueError(f"boundaries must rise, got {after:g} after {before:g}")
    return rates[np.searchsorted(boundaries, _counts("step", step), side="left")]


def polynomial_decay(
    step: ArrayLike,
    *,
    initial_rate: float,
    end_rate: float,
    decay_steps: float,
    power: float = 1.0,
) -> NDArray[np.float64]:
    """Return a rate that goes to `end_rate` like a power of the time left, then stays there.

    ``rate(step) = (initial_rate - end_rate) * (1 - p) ** power + end_rate``
    with ``p = min(step / decay_steps, 1)`` and `end_rate` at least 0; Keras'
    ``PolynomialDecay``. A `power` of 1 gives a straight line, more a steeper start.

    Examples
    --------
    >>> polynomial_decay([0, 50, 100, 200], initial_rate=0.1, end_rate=0.02, decay_steps=100)
    array([0.1 , 0.06, 0.02, 0.02])
    """
    progress = np.minimum(_counts("step", step) / number("decay_steps", decay_steps, above=0), 1)
    return _polynomial(progress, initial_rate, end_rate, power)


def polynomial_cycles(
    step: ArrayLike,
    *,
    initial_rate: float,
    end_rate: float,
    decay_steps: float,
    power: float = 1.0,
) -> NDArray[np.float64]:
    """Return a polynomial decay that rises again after every `decay_steps` updates.

    ``rate(step) = (initial_rate - end_rate) * (1 - step / end) ** power + end_rate``
    with ``end = decay_steps * max(ceil(step / decay_steps), 1)``, the end of the current cycle;
    Keras' ``PolynomialDecay(cycle=True)``. A cycle starts lower than the one before: the decay
    is stretched to its end, not moved.

    Examples
    --------
    >>> polynomial_cycles([0, 100, 101, 150], initial_rate=0.1, end_rate=0.02, decay_steps=100)
    array([0.1   , 0.02  , 0.0596, 0.04  ])
    """
    step = _counts("step", step)
    length = number("decay_steps", decay_steps, above=0)
    end = length * np.maximum(np.ceil(step / length), 1)
    return _polynomial(step / end, initial_rate, end_rate, power)


def cosine_decay(
    step: ArrayLike, *, initial_rate: float, decay_steps: float, end_fraction: float = 0.0
) -> NDArray[np.float64]:
    """Return a rate that falls along half a cosine wave, then stays.

    ``rate(step) = initial_rate * (end_fraction + (1 - end_fraction) * (1 + cos(pi * p)) / 2)``
    with ``p = min(step / decay_steps, 1)`` and `end_fraction` in [0, 1]; Keras'
    ``CosineDecay(alpha=end_fraction)``, one period of the schedule of loshchilov2017sgdr.

    Examples
    --------
    >>> cosine_decay([0, 50, 100, 200], initial_rate=0.1, decay_steps=100)
    array([0.1 , 0.05, 0.  , 0.  ])
    """
    end_fraction = number("end_fraction", end_fraction, least=0, most=1)
    progress = np.minimum(_counts("step", step) / number("decay_steps", decay_steps, above=0), 1)
    wave = (1 + np.cos(np.pi * progress)) / 2
    return number("initial_rate", initial_rate, above=0) * (
        end_fraction + (1 - end_fraction) * wave
    )


def linear_warmup(
    step: ArrayLike, *, schedule: Schedule, warmup_steps: float, start_rate: float = 0.0
) -> NDArray[np.float64]:
    """Return a rate that rises in a straight line to where `schedule` starts, then follows it.

    ``rate(step) = start_rate + (schedule(0) - start_rate) * step / warmup_steps``
    below `warmup_steps`, ``schedule(step - warmup_steps)`` from there on. With a `start_rate` of
    0 the first update changes nothing. Around `cosine_decay` it is Keras'
    ``CosineDecay(warmup_target=..., warmup_steps=...)``.

    Parameters
    ----------
    step : array_like of int, shape (...)
        Updates done so far.
    schedule : callable
        Takes steps and returns rates: a schedule of this module with its settings filled in.
    warmup_steps : float
        Length of the rise in updates.
    start_rate : float
        Rate at step 0. At least 0.

    Examples
    --------
    >>> decay = partial(cosine_decay, initial_rate=0.1, decay_steps=100)
    >>> linear_warmup([0, 5, 10, 60, 110], schedule=decay, warmup_steps=10)
    array([0.  , 0.05, 0.1 , 0.05, 0.  ])
    """
    if not callable(schedule):
        raise TypeError(f"schedule must be a function of the step, got {schedule!r}")
    step = _counts("step", step)
    length = number("warmup_steps", warmup_steps, above=0)
    start = number("start_rate", start_rate, least=0)
    rise = start + (schedule(0) - start) * step / length
    return np.where(step < length, rise, schedule(np.maximum(step - length, 0)))[()]


def one_cycle(n_steps: int, *, peak: float, rising_share: float = 0.25) -> NDArray[np.float64]:
    """Return the rates of a whole run: a straight rise to `peak`, then a cosine down to 0.

    The rise starts at a tenth of `peak` and takes the share `rising_share`, below 1, of the
    steps: `linear_warmup` around `cosine_decay`. The one-cycle policy of L. N. Smith and N.
    Topin, arXiv:1708.07120.

    Examples
    --------
    >>> one_cycle(8, peak=1.0).round(2)
    array([0.1 , 0.55, 1.  , 0.93, 0.75, 0.5 , 0.25, 0.07])
    """
    n_steps = whole_number("n_steps", n_steps)
    n_rising = round(number("rising_share", rising_share, above=0, below=1) * n_steps)
    fall = partial(cosine_decay, initial_rate=peak, decay_steps=n_steps - n_rising)
    return linear_warmup(
        np.arange(n_steps), schedule=fall, warmup_steps=n_rising, start_rate=peak / 10
    )


def reduce_on_plateau(
    losses: ArrayLike,
    *,
    initial_rate: float,
    factor: float = 0.1,
    patience: int = 10,
    min_delta: float = 1e-4,
    cooldown: int = 0,
    min_rate: float = 0.0,
) -> NDArray[np.float64]:
    """Return the rates that follow from the validation losses so far, epoch by epoch.

    The rate is multiplied by `factor` once the loss has not fallen by more than `min_delta`
    below its best for `patience` epochs; Keras' ``ReduceLROnPlateau``, which compares losses in
    float32, and its defaults. It looks at losses, so it is no function of the step.

    Parameters
    ----------
    losses : array_like of float, shape (n_epochs,)
        Validation loss after each epoch.
    initial_rate : float
        Rate of the first epoch.
    factor : float
        In (0, 1).
    patience : int
        Epochs without improvement that make a drop. At least 1.
    min_delta : float
        Smallest fall of the loss that counts as improvement. At least 0.
    cooldown : int
        Epochs after a drop in which no epoch counts against the patience. At least 0.
    min_rate : float
        The rate does not go below. At least 0.

    Returns
    -------
    ndarray of float64, shape (n_epochs,)
        ``rates[i]`` follows from ``losses[: i + 1]``: it is the rate of epoch ``i + 1``.

    Examples
    --------
    >>> reduce_on_plateau([1.0, 0.5, 0.5, 0.5], initial_rate=0.1, factor=0.5, patience=2)
    array([0.1 , 0.1 , 0.1 , 0.05])
    """
    losses = finite_numbers("losses", losses)
    if losses.ndim != 1:
        raise ValueError(f"losses must have one dimension, got shape {losses.shape}")
    factor = number("factor", factor, above=0, below=1)
    rate = number("initial_rate", initial_rate, above=0)
    patience = whole_number("patience", patience, least=1)
    cooldown = whole_number("cooldown", cooldown, least=0)
    min_delta = number("min_delta", min_delta, least=0)
    min_rate = number("min_rate", min_rate, least=0)

    rates, best, waited, cooling = np.empty(losses.size), math.inf, 0, 0
    for epoch, loss in enumerate(losses):
        if cooling:
            cooling -= 1
            waited = 0
        if loss + min_delta < best:
            best, waited = loss, 0
        elif not cooling:
            waited += 1
            if waited >= patience and rate > min_rate:
                rate = max(rate * factor, min_rate)
                waited, cooling = 0, cooldown
        rates[epoch] = rate
    return rates


def _polynomial(
    progress: NDArray[np.float64], initial_rate: float, end_rate: float, power: float
) -> NDArray[np.float64]:
    """Return the rates of a polynomial decay at the given shares of its length."""
    end_rate = number("end_rate", end_rate, least=0)
    fall = number("initial_rate", initial_rate, above=0) - end_rate
    return fall * (1 - progress) ** number("power", power, above=0) + end_rate


def _counts(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return numbers that are not negative as float64, which is exact for counts up to 2**53."""
    array = finite_numbers(name, values)
    if (array < 0).any():
        raise ValueError(f"{name} must not be negative, got {array[array < 0][0]:g}")
    return array.astype(np.float64)
