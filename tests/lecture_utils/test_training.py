"""Both ways of compiled training are `model.fit`, batch by batch."""

import logging

import keras
import numpy as np
import pytest

from lecture_utils.batches import batch_order
from lecture_utils.training import CompiledTraining, StepTraining

N_ROWS, BATCH_SIZE, N_STEPS = 48, 8, 12

ways = pytest.mark.parametrize("way", [CompiledTraining, StepTraining])


def images():
    rng = np.random.default_rng(0)
    labels = np.arange(N_ROWS) % 3
    x = rng.integers(0, 200, size=(N_ROWS, 6, 6, 2)) + 25 * labels[:, None, None, None]
    return x.astype(np.uint8), labels


def build(way, optimizer="sgd", layers=()):
    """Return a dense network, or one with a convolution for the training step by step."""
    keras.utils.set_random_seed(0)
    penalty = keras.regularizers.L2(0.01)
    if way is StepTraining:
        first = [
            keras.layers.Conv2D(4, 3, strides=2, padding="same", kernel_regularizer=penalty),
            *layers,
            keras.layers.ReLU(),
            keras.layers.Flatten(),
        ]
    else:
        dense = keras.layers.Dense(6, activation="relu", kernel_regularizer=penalty)
        first = [keras.layers.Flatten(), dense, *layers]
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2), dtype="uint8"),
            keras.layers.Rescaling(1 / 255),
            *first,
            keras.layers.Dense(3),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=optimizer, loss=loss)
    return model


def order(n_steps=N_STEPS, seed=0):
    return batch_order(
        N_ROWS, batch_size=BATCH_SIZE, n_steps=n_steps, rng=np.random.default_rng(seed)
    )


def fit(model, batches):
    x, labels = images()
    rows = batches.ravel()
    model.fit(x[rows], labels[rows], batch_size=BATCH_SIZE, shuffle=False, verbose=0)
    return model.get_weights()


def assert_alike(model, weights):
    for ours, theirs in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@ways
@pytest.mark.parametrize(
    ("optimizer", "layers"),
    [
        (lambda: keras.optimizers.SGD(0.05), list),
        (lambda: keras.optimizers.SGD(0.05, momentum=0.9), list),
        (lambda: keras.optimizers.AdamW(0.05, weight_decay=0.1), list),
        # Not under Adam: a bias before the normalization has no gradient but rounding.
        (lambda: keras.optimizers.SGD(0.05), lambda: [keras.layers.BatchNormalization()]),
    ],
)
def test_run_is_fit(way, optimizer, layers):
    plain, compiled = build(way, optimizer(), layers()), build(way, optimizer(), layers())
    losses = way(compiled).run(*images(), rates=np.full(N_STEPS, 0.05), batches=order())
    assert_alike(compiled, fit(plain, order()))
    assert losses.shape == (N_STEPS,)


@ways
def test_rates_are_a_schedule_by_step(way):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.7, staircase=True)
    plain, compiled = build(way, keras.optimizers.SGD(schedule)), build(way)
    rates = 0.1 * 0.7 ** (np.arange(N_STEPS) // 2)
    way(compiled).run(*images(), rates=rates, batches=order())
    assert_alike(compiled, fit(plain, order()))


@ways
def test_two_runs_continue_and_restart_begins_again(way):
    model = build(way, "adam")
    training, first = way(model), model.get_weights()
    rates = np.full(N_STEPS, 0.01)
    whole = training.run(*images(), rates=rates, batches=order())
    training.restart(first)
    half = N_STEPS // 2
    parts = [
        training.run(*images(), rates=rates[part], batches=order()[part])
        for part in (slice(half), slice(half, None))
    ]
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-5)


@ways
def test_dropout_drops_other_units_at_each_step(way):
    model = build(way, "sgd", [keras.layers.Dropout(0.5)])
    losses = way(model).run(*images(), rates=np.zeros(5), batches=np.repeat(order(1), 5, axis=0))
    assert len(set(losses.tolist())) == 5  # the same batch, the same weights


def test_the_model_sees_the_changed_rows():
    x, labels = images()
    plain, changed = build(StepTraining), build(StepTraining)
    rates = np.full(N_STEPS, 0.05)
    StepTraining(plain).run(x[:, :, ::-1], labels, rates=rates, batches=order())
    StepTraining(changed).run(
        x, labels, rates=rates, batches=order(), change=lambda rows: rows[:, :, ::-1]
    )
    for ours, theirs in zip(changed.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@ways
def test_other_models_and_lengths_make_tensorflow_warn_of_nothing(way, caplog):
    with caplog.at_level(logging.WARNING):
        for n_steps in range(1, 6):
            training = way(build(way))
            for steps in (n_steps, n_steps + 1):
                training.run(*images(), rates=np.full(steps, 0.01), batches=order(steps))
    assert caplog.text == ""


@ways
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rates": [0.1, -0.1]}, "rates must not be negative, got -0.1"),
        ({"rates": [0.1, np.nan]}, "rates must be finite, got nan"),
        ({"rates": []}, "rates must not be empty"),
        ({"rates": [0.1]}, r"got \(1,\) and \(2, 8\)"),
        ({"batches": np.full((2, 8), N_ROWS)}, f"from 0 to {N_ROWS - 1}, got {N_ROWS}"),
        ({"batches": np.full((2, 8), -1)}, "got -1"),
        ({"labels": np.zeros(3)}, f"as many rows, got {N_ROWS} and 3"),
    ],
)
def test_bad_input(way, change, message):
    x, labels = images()
    arguments = {"x": x, "labels": labels, "rates": [0.1, 0.1], "batches": order(2), **change}
    with pytest.raises(ValueError, match=message):
        way(build(way)).run(arguments.pop("x"), arguments.pop("labels"), **arguments)


@ways
def test_models_that_cannot_be_trained(way):
    with pytest.raises(TypeError, match="model must be a Keras model, got 'mlp'"):
        way("mlp")
    with pytest.raises(ValueError, match="must be built, and compiled"):
        way(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    unbuilt = keras.Sequential([keras.layers.Dense(1)])
    unbuilt.compile("sgd", "mse")
    with pytest.raises(ValueError, match="must be built, and compiled"):
        way(unbuilt)
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    with pytest.raises(ValueError, match="rate must be a number, got "):
        way(build(way, keras.optimizers.SGD(schedule)))
