"""The training step by step is `model.fit`, batch by batch."""

import logging

import keras
import numpy as np
import pytest

from lecture_utils.batches import batch_order
from lecture_utils.training import StepTraining

N_ROWS, BATCH_SIZE, N_STEPS = 24, 6, 8


def images():
    rng = np.random.default_rng(0)
    labels = np.arange(N_ROWS) % 3
    x = rng.integers(0, 200, size=(N_ROWS, 6, 6, 2)) + 25 * labels[:, None, None, None]
    return x.astype(np.uint8), labels


def build(optimizer="sgd", layers=()):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2), dtype="uint8"),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(
                4, 3, strides=2, padding="same", kernel_regularizer=keras.regularizers.L2(0.01)
            ),
            *layers,
            keras.layers.ReLU(),
            keras.layers.Flatten(),
            keras.layers.Dense(3),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=optimizer, loss=loss)
    return model


def order(n_steps=N_STEPS):
    return batch_order(N_ROWS, batch_size=BATCH_SIZE, n_steps=n_steps, rng=np.random.default_rng(0))


def fit(model, batches):
    x, labels = images()
    rows = batches.ravel()
    model.fit(x[rows], labels[rows], batch_size=BATCH_SIZE, shuffle=False, verbose=0)
    return model.get_weights()


@pytest.mark.parametrize(
    ("optimizer", "layers"),
    [
        (lambda: keras.optimizers.SGD(0.05, momentum=0.9), list),
        (lambda: keras.optimizers.Adam(0.05), list),
        # Not under Adam: a bias before the normalization has no gradient but rounding.
        (lambda: keras.optimizers.SGD(0.05), lambda: [keras.layers.BatchNormalization()]),
    ],
)
def test_run_is_fit(optimizer, layers):
    plain, stepped = build(optimizer(), layers()), build(optimizer(), layers())
    losses = StepTraining(stepped).run(*images(), rates=np.full(N_STEPS, 0.05), batches=order())
    for ours, theirs in zip(stepped.get_weights(), fit(plain, order()), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    assert losses.shape == (N_STEPS,)


def test_rates_are_a_schedule_by_step():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.7, staircase=True)
    plain, stepped = build(keras.optimizers.SGD(schedule)), build()
    rates = 0.1 * 0.7 ** (np.arange(N_STEPS) // 2)
    StepTraining(stepped).run(*images(), rates=rates, batches=order())
    for ours, theirs in zip(stepped.get_weights(), fit(plain, order()), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_two_runs_continue():
    whole = StepTraining(build("adam")).run(
        *images(), rates=np.full(N_STEPS, 0.01), batches=order()
    )
    training, half = StepTraining(build("adam")), N_STEPS // 2
    parts = [
        training.run(*images(), rates=np.full(half, 0.01), batches=order()[part])
        for part in (slice(half), slice(half, None))
    ]
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-5)


def test_the_model_sees_the_changed_rows():
    x, labels = images()
    plain, changed = build(), build()
    rates = np.full(N_STEPS, 0.05)
    StepTraining(plain).run(x[:, :, ::-1], labels, rates=rates, batches=order())
    StepTraining(changed).run(
        x, labels, rates=rates, batches=order(), change=lambda rows: rows[:, :, ::-1]
    )
    for ours, theirs in zip(changed.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_many_models_make_tensorflow_warn_of_nothing(caplog):
    with caplog.at_level(logging.WARNING):
        for _ in range(6):
            StepTraining(build()).run(*images(), rates=[0.01], batches=order(1))
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rates": [0.1, -0.1]}, "rates must not be negative, got -0.1"),
        ({"rates": [0.1, np.nan]}, "rates must be finite, got nan"),
        ({"rates": []}, "rates must not be empty"),
        ({"rates": [0.1]}, r"got \(1,\) and \(2, 6\)"),
        ({"batches": np.full((2, 6), N_ROWS)}, f"from 0 to {N_ROWS - 1}, got {N_ROWS}"),
        ({"batches": np.full((2, 6), -1)}, "got -1"),
        ({"labels": np.zeros(3)}, f"as many rows, got {N_ROWS} and 3"),
    ],
)
def test_bad_input(change, message):
    x, labels = images()
    arguments = {"x": x, "labels": labels, "rates": [0.1, 0.1], "batches": order(2), **change}
    with pytest.raises(ValueError, match=message):
        StepTraining(build()).run(arguments.pop("x"), arguments.pop("labels"), **arguments)


def test_models_that_cannot_be_trained():
    with pytest.raises(TypeError, match="model must be a Keras model, got 'cnn'"):
        StepTraining("cnn")
    with pytest.raises(ValueError, match="must be built, and compiled"):
        StepTraining(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    with pytest.raises(ValueError, match="rate must be a number, got "):
        StepTraining(build(keras.optimizers.SGD(schedule)))
