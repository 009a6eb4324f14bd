"""Schedules are Keras' classes at every step, and refuse what makes no sense."""

from functools import partial
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lecture_utils import schedules

# Below this many updates float32, in which Keras counts, tells neighbouring steps apart.
KERAS_EXACT_STEPS = 2**24
FLOAT32_EPSILON = 2.0**-23

rates = st.floats(1e-6, 10)
lengths = st.integers(1, 1000)
keras_schedules = keras.optimizers.schedules


def steps_around(length, n_stairs=6):
    """Steps 0, 1 and the last before, at, and the first after the end of each stair."""
    ends = length * np.arange(1, n_stairs + 1)
    return np.unique(np.concatenate([[0, 1], ends - 1, ends, ends + 1]))


def keras_rates(schedule, steps):
    """What Keras computes. One step at a time where it branches on the step (`ops.cond`)."""
    if getattr(schedule, "warmup_target", None) is None:
        return schedule(keras.ops.convert_to_tensor(steps, "int64")).numpy()
    return np.array([float(schedule(int(step))) for step in steps])


def check(ours, theirs, steps, *, atol=0.0, rtol=2e-6):
    # Keras' smallest rates are below the smallest normal float32, where precision is lost.
    np.testing.assert_allclose(
        ours(steps), keras_rates(theirs, steps), rtol=rtol, atol=atol + 1e-36
    )


@pytest.mark.parametrize("staircase", [False, True])
@settings(max_examples=30, deadline=None)
@given(rate=rates, decay_rate=st.floats(0.1, 1), length=lengths)
def test_exponential(staircase, rate, decay_rate, length):
    function = schedules.step_decay if staircase else schedules.exponential_decay
    ours = partial(function, initial_rate=rate, decay_rate=decay_rate, decay_steps=length)
    check(
        ours,
        keras_schedules.ExponentialDecay(rate, length, decay_rate, staircase),
        steps_around(length),
    )


@pytest.mark.parametrize("staircase", [False, True])
@settings(max_examples=30, deadline=None)
@given(rate=rates, decay_rate=st.floats(1e-3, 10), length=lengths)
def test_inverse_time(staircase, rate, decay_rate, length):
    function = schedules.inverse_time_steps if staircase else schedules.inverse_time_decay
    ours = partial(function, initial_rate=rate, decay_rate=decay_rate, decay_steps=length)
    check(
        ours,
        keras_schedules.InverseTimeDecay(rate, length, decay_rate, staircase),
        steps_around(length),
    )


@settings(max_examples=30, deadline=None)
@example(rate=1.0, constant=0.009765625, length=947)
@given(rate=rates, constant=st.floats(1e-5, 1e-2), length=lengths)
def test_natural_exponential_is_exponential_decay_with_another_rate(rate, constant, length):
    ours = partial(schedules.natural_exponential_decay, initial_rate=rate, decay_constant=constant)
    theirs = keras_schedules.ExponentialDecay(rate, length, float(np.exp(-constant * length)))
    steps = steps_around(length)
    # float32 rounds the exponent, so the relative error of e^x grows with x.
    check(ours, theirs, steps, rtol=2e-6 + FLOAT32_EPSILON / 2 * constant * steps.max())


@settings(max_examples=30, deadline=None)
@given(
    boundaries=st.lists(st.integers(0, 200), min_size=1, max_size=5, unique=True).map(sorted),
    data=st.data(),
)
def test_piecewise_constant(boundaries, data):
    n = len(boundaries) + 1
    values = data.draw(st.lists(rates, min_size=n, max_size=n))
    ours = partial(schedules.piecewise_constant, boundaries=boundaries, rates=values)
    theirs = keras_schedules.PiecewiseConstantDecay(boundaries, values)
    steps = np.unique(np.clip([[b - 1, b, b + 1] for b in [0, *boundaries]], 0, None))
    check(ours, theirs, steps)


@pytest.mark.parametrize("cycle", [False, True])
@settings(max_examples=30, deadline=None)
@given(
    rate=rates, end=st.floats(0, 10), power=st.sampled_from([0.5, 1.0, 2.0, 3.0]), length=lengths
)
def test_polynomial(cycle, rate, end, power, length):
    function = schedules.polynomial_cycles if cycle else schedules.polynomial_decay
    ours = partial(function, initial_rate=rate, end_rate=end, decay_steps=length, power=power)
    theirs = keras_schedules.PolynomialDecay(rate, length, end, power, cycle)
    # 1 - p loses the digits that the two have in common, and a power below 1 makes more of it.
    lost = abs(rate - end) * (2 * FLOAT32_EPSILON) ** min(power, 1)
    check(ours, theirs, steps_around(length), atol=lost)


@settings(max_examples=30, deadline=None)
@given(rate=rates, alpha=st.floats(0, 1), length=lengths)
def test_cosine(rate, alpha, length):
    ours = partial(
        schedules.cosine_decay, initial_rate=rate, decay_steps=length, end_fraction=alpha
    )
    theirs = keras_schedules.CosineDecay(rate, length, alpha)
    check(ours, theirs, steps_around(length), atol=2 * FLOAT32_EPSILON * rate)


@settings(max_examples=30, deadline=None)
@given(start=st.floats(0, 1), rate=rates, length=lengths, warmup=lengths)
def test_warmup(start, rate, length, warmup):
    decay = partial(schedules.cosine_decay, initial_rate=rate, decay_steps=length)
    ours = partial(schedules.linear_warmup, schedule=decay, warmup_steps=warmup, start_rate=start)
    theirs = keras_schedules.CosineDecay(start, length, warmup_target=rate, warmup_steps=warmup)
    steps = np.union1d(steps_around(warmup, 1), warmup + steps_around(length, 2))
    check(ours, theirs, steps, atol=2 * FLOAT32_EPSILON * max(rate, start))


@pytest.mark.parametrize(("n_steps", "share"), [(8, 0.25), (200, 0.1), (1080, 0.25)])
def test_one_cycle(n_steps, share):
    ours = schedules.one_cycle(n_steps, peak=0.2, rising_share=share)
    rising = round(share * n_steps)
    theirs = keras_schedules.CosineDecay(
        0.02, n_steps - rising, warmup_target=0.2, warmup_steps=rising
    )
    expected = keras_rates(theirs, np.arange(n_steps))
    np.testing.assert_allclose(ours, expected, rtol=2e-6, atol=1e-7)
    assert ours.argmax() == rising


@pytest.mark.parametrize(
    ("n_steps", "share", "error", "message"),
    [
        (0, 0.5, ValueError, "n_steps must be at least 1, got 0"),
        (2.5, 0.5, TypeError, "n_steps must be"),
        (10, 1.0, ValueError, "rising_share must be above 0 and below 1"),
        (4, 0.1, ValueError, "warmup_steps must be above 0, got 0"),
    ],
)
def test_bad_cycles(n_steps, share, error, message):
    with pytest.raises(error, match=message):
        schedules.one_cycle(n_steps, peak=0.1, rising_share=share)


@given(length=st.integers(1, 10_000), stair=st.integers(1, 10**9))
def test_a_stair_begins_exactly_at_its_step(length, stair):
    first = length * stair
    before, at, last = schedules.inverse_time_steps(
        [first - 1, first, first + length - 1],
        initial_rate=1.0,
        decay_rate=1.0,
        decay_steps=length,
    )
    assert (before, at, last) == (1 / stair, 1 / (1 + stair), 1 / (1 + stair))


def test_keras_loses_a_stair_where_float32_cannot_count():
    step = KERAS_EXACT_STEPS + 1
    keras_rate = keras_schedules.ExponentialDecay(1.0, step, 0.5, staircase=True)
    assert float(keras_rate(np.int64(step - 1))) == 0.5  # one step early
    ours = partial(schedules.step_decay, initial_rate=1.0, decay_rate=0.5, decay_steps=step)
    assert ours([step - 1, step]).tolist() == [1.0, 0.5]


coarse = st.integers(0, 64).map(lambda n: n / 64)  # exact in float32, in which Keras compares


# The callback reads its rate by np.array(tensor), for which NumPy wants more of TensorFlow.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
@settings(max_examples=60, deadline=None)
@given(
    losses=st.lists(coarse, min_size=1, max_size=25),
    factor=st.floats(0.1, 0.9),
    patience=st.integers(1, 4),
    min_delta=st.sampled_from([0.0, 1 / 128, 1 / 64, 3 / 128]),
    cooldown=st.integers(0, 3),
    min_rate=st.sampled_from([0.0, 0.01, 0.5]),
)
def test_plateau_is_the_callback(losses, factor, patience, min_delta, cooldown, min_rate):
    settings = {
        "factor": factor, "patience": patience, "min_delta": min_delta, "cooldown": cooldown,
    }  # fmt: skip
    model = SimpleNamespace(optimizer=keras.optimizers.SGD(0.25))
    callback = keras.callbacks.ReduceLROnPlateau(min_lr=min_rate, **settings)
    callback.set_model(model)
    callback.on_train_begin()
    theirs = []
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        theirs.append(float(model.optimizer.learning_rate))
    ours = schedules.reduce_on_plateau(losses, initial_rate=0.25, min_rate=min_rate, **settings)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


SCHEDULES = {
    "constant": partial(schedules.constant, rate=0.1),
    "exponential": partial(
        schedules.exponential_decay, initial_rate=0.1, decay_rate=0.5, decay_steps=10
    ),
    "step": partial(schedules.step_decay, initial_rate=0.1, decay_rate=0.5, decay_steps=10),
    "natural": partial(schedules.natural_exponential_decay, initial_rate=0.1, decay_constant=0.01),
    "inverse": partial(
        schedules.inverse_time_decay, initial_rate=0.1, decay_rate=0.5, decay_steps=10
    ),
    "inverse steps": partial(
        schedules.inverse_time_steps, initial_rate=0.1, decay_rate=0.5, decay_steps=10
    ),
    "piecewise": partial(schedules.piecewise_constant, boundaries=[5], rates=[0.1, 0.01]),
    "polynomial": partial(
        schedules.polynomial_decay, initial_rate=0.1, end_rate=0.01, decay_steps=10
    ),
    "polynomial cycles": partial(
        schedules.polynomial_cycles, initial_rate=0.1, end_rate=0.01, decay_steps=10
    ),
    "cosine": partial(schedules.cosine_decay, initial_rate=0.1, decay_steps=10),
    "warm-up": partial(
        schedules.linear_warmup, schedule=partial(schedules.constant, rate=0.1), warmup_steps=5
    ),
}
every_schedule = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)


def test_every_public_schedule_is_tested_here():
    used = {s.func.__name__ for s in SCHEDULES.values()} | {"one_cycle", "reduce_on_plateau"}
    public = {
        name
        for name, value in vars(schedules).items()
        if getattr(value, "__module__", "") == schedules.__name__ and not name.startswith("_")
    }
    assert used == public


@every_schedule
@pytest.mark.parametrize("shape", [(), (1,), (7,), (2, 3)])
def test_shape_follows_the_step_and_type_is_float64(schedule, shape):
    steps = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    result = schedule(steps)
    assert result.shape == shape
    assert result.dtype == np.float64


@every_schedule
def test_steps_are_left_alone_and_order_does_not_matter(schedule):
    steps = np.arange(20)
    forwards = schedule(steps)
    assert steps.tolist() == list(range(20))
    # NumPy's vector and scalar code may differ in the last bit.
    np.testing.assert_allclose(schedule(steps[::-1])[::-1], forwards, rtol=1e-15)
    np.testing.assert_allclose([schedule(s) for s in steps], forwards, rtol=1e-15)


@every_schedule
@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (-1, ValueError, "step must not be negative, got -1"),
        ([0, 3, -7], ValueError, "step must not be negative, got -7"),
        (np.nan, ValueError, "step must be finite, got nan"),
        (np.inf, ValueError, "step must be finite, got inf"),
        ([], ValueError, r"step must not be empty, got shape \(0,\)"),
        ("one", TypeError, "step must be numbers, got 'one'"),
        (True, TypeError, "step must be numbers, got True"),
    ],
)
def test_bad_steps(schedule, step, error, message):
    with pytest.raises(error, match=message):
        schedule(step)


def settings_of(schedule):
    """Names of the numeric settings of a schedule."""
    return [name for name, value in schedule.keywords.items() if np.isscalar(value)]


@pytest.mark.parametrize(
    ("schedule", "name"),
    [pytest.param(s, n, id=f"{k}-{n}") for k, s in SCHEDULES.items() for n in settings_of(s)],
)
@pytest.mark.parametrize("value", [-0.5, np.nan, np.inf])
def test_bad_settings(schedule, name, value):
    with pytest.raises(ValueError, match=f"^{name} must be .*, got {value}$"):
        schedule(0, **{name: value})
    with pytest.raises(TypeError, match=f"^{name} must be a number, got None$"):
        schedule(0, **{name: None})


@pytest.mark.parametrize("name", ["rate", "initial_rate", "decay_rate", "decay_steps", "power",
                                  "decay_constant", "warmup_steps"])  # fmt: skip
def test_zero_is_refused_where_it_makes_no_sense(name):
    takers = [s for s in SCHEDULES.values() if name in s.keywords]
    takers += [SCHEDULES["polynomial"], SCHEDULES["polynomial cycles"]] if name == "power" else []
    assert takers
    for schedule in takers:
        with pytest.raises(ValueError, match=f"^{name} must be .*, got 0.0$"):
            schedule(0, **{name: 0.0})


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"boundaries": [5, 3], "rates": [1, 1, 1]}, ValueError, "must rise, got 3 after 5"),
        ({"boundaries": [5, 5], "rates": [1, 1, 1]}, ValueError, "must rise, got 5 after 5"),
        ({"boundaries": [-1], "rates": [1, 1]}, ValueError, "must not be negative, got -1"),
        ({"boundaries": [5], "rates": [1]}, ValueError, r"got shapes \(1,\) and \(1,\)"),
        ({"boundaries": [], "rates": [1]}, ValueError, "boundaries must not be empty"),
        ({"boundaries": [5], "rates": []}, ValueError, "rates must not be empty"),
        ({"boundaries": [5], "rates": [1, 0]}, ValueError, "rates must be positive, got 0"),
        ({"boundaries": [5], "rates": [1, np.nan]}, ValueError, "rates must be finite, got nan"),
        ({"boundaries": [np.nan], "rates": [1, 1]}, ValueError, "boundaries must be finite"),
        ({"boundaries": 5, "rates": [1, 1]}, ValueError, r"got shapes \(2,\) and \(\)"),
        ({"boundaries": ["a"], "rates": [1, 1]}, TypeError, "boundaries must be numbers"),
    ],
)
def test_bad_pieces(settings, error, message):
    with pytest.raises(error, match=message):
        schedules.piecewise_constant(0, **settings)


@pytest.mark.parametrize(
    ("schedule", "settings", "message"),
    [
        ("exponential", {"decay_rate": 1.5}, "decay_rate must be above 0 and at most 1, got 1.5"),
        ("step", {"decay_rate": 1.5}, "decay_rate must be above 0 and at most 1, got 1.5"),
        ("cosine", {"end_fraction": 1.5}, "end_fraction must be at least 0 and at most 1, got 1.5"),
        (
            "cosine",
            {"end_fraction": -0.1},
            "end_fraction must be at least 0 and at most 1, got -0.1",
        ),
        ("polynomial", {"end_rate": -0.1}, "end_rate must be at least 0, got -0.1"),
        ("warm-up", {"start_rate": -0.1}, "start_rate must be at least 0, got -0.1"),
    ],
)
def test_settings_out_of_range(schedule, settings, message):
    with pytest.raises(ValueError, match=message):
        SCHEDULES[schedule](0, **settings)


def test_warmup_needs_a_function():
    with pytest.raises(TypeError, match="schedule must be a function of the step"):
        schedules.linear_warmup(0, schedule=0.1, warmup_steps=5)


@pytest.mark.parametrize(
    ("losses", "settings", "error", "message"),
    [
        ([], {}, ValueError, "losses must not be empty"),
        ([1, np.nan], {}, ValueError, "losses must be finite, got nan"),
        ([[1]], {}, ValueError, r"losses must have one dimension, got shape \(1, 1\)"),
        (["a"], {}, TypeError, "losses must be numbers"),
        ([1], {"initial_rate": 0}, ValueError, "initial_rate must be above 0, got 0"),
        ([1], {"factor": 1.0}, ValueError, "factor must be above 0 and below 1, got 1.0"),
        ([1], {"factor": 0.0}, ValueError, "factor must be above 0 and below 1, got 0.0"),
        ([1], {"patience": 0}, ValueError, "patience must be at least 1, got 0"),
        ([1], {"patience": 1.5}, TypeError, "patience must be an integer, got 1.5"),
        ([1], {"cooldown": -1}, ValueError, "cooldown must be at least 0, got -1"),
        ([1], {"min_delta": -1}, ValueError, "min_delta must be at least 0, got -1"),
        ([1], {"min_rate": np.nan}, ValueError, "min_rate must be finite, got nan"),
    ],
)
def test_bad_plateaus(losses, settings, error, message):
    with pytest.raises(error, match=message):
        schedules.reduce_on_plateau(losses, **{"initial_rate": 0.1, **settings})
