"""The compiled training is `model.fit`, batch by batch."""

import logging

import keras
import numpy as np
import pytest

from lecture_utils.batches import batch_order
from lecture_utils.training import CompiledTraining

N_ROWS, BATCH_SIZE, N_STEPS = 48, 8, 12


def images():
    rng = np.random.default_rng(0)
    labels = np.arange(N_ROWS) % 3
    x = rng.integers(0, 200, size=(N_ROWS, 4, 4)) + 25 * labels[:, None, None]
    return x.astype(np.uint8), labels


def build(optimizer="adam", layers=()):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((4, 4)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(
                6, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01)
            ),
            *layers,
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
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
def test_run_is_fit(optimizer, layers):
    plain, compiled = build(optimizer(), layers()), build(optimizer(), layers())
    compiled.set_weights(plain.get_weights())
    losses = CompiledTraining(compiled).run(
        *images(), rates=np.full(N_STEPS, 0.05), batches=order()
    )
    for ours, theirs in zip(compiled.get_weights(), fit(plain, order()), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    assert losses.shape == (N_STEPS,)


def test_rates_are_a_schedule_by_step():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.7, staircase=True)
    plain, compiled = build(keras.optimizers.SGD(schedule)), build("sgd")
    compiled.set_weights(plain.get_weights())
    rates = 0.1 * 0.7 ** (np.arange(N_STEPS) // 2)
    CompiledTraining(compiled).run(*images(), rates=rates, batches=order())
    for ours, theirs in zip(compiled.get_weights(), fit(plain, order()), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_two_runs_continue_and_restart_begins_again():
    model = build()
    training, first = CompiledTraining(model), model.get_weights()
    rates = np.full(N_STEPS, 0.01)
    whole = training.run(*images(), rates=rates, batches=order())
    training.restart(first)
    half = N_STEPS // 2
    parts = [
        training.run(*images(), rates=rates[part], batches=order()[part])
        for part in (slice(half), slice(half, None))
    ]
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-5)


def test_dropout_drops_other_units_at_each_step():
    model = build("sgd", [keras.layers.Dropout(0.5)])
    losses = CompiledTraining(model).run(
        *images(), rates=np.zeros(5), batches=np.repeat(order(1), 5, axis=0)
    )
    assert len(set(losses.tolist())) == 5  # the same batch, the same weights


def test_other_models_and_lengths_make_tensorflow_warn_of_nothing(caplog):
    with caplog.at_level(logging.WARNING):
        for n_steps in range(1, 4):
            training = CompiledTraining(build())
            for steps in (n_steps, n_steps + 1):
                training.run(*images(), rates=np.full(steps, 0.01), batches=order(steps))
    assert caplog.text == ""


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
def test_bad_input(change, message):
    x, labels = images()
    arguments = {"x": x, "labels": labels, "rates": [0.1, 0.1], "batches": order(2), **change}
    with pytest.raises(ValueError, match=message):
        CompiledTraining(build()).run(arguments.pop("x"), arguments.pop("labels"), **arguments)


def test_models_that_cannot_be_trained():
    with pytest.raises(TypeError, match="model must be a Keras model, got 'mlp'"):
        CompiledTraining("mlp")
    with pytest.raises(ValueError, match="must be built, and compiled"):
        CompiledTraining(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    unbuilt = keras.Sequential([keras.layers.Dense(1)])
    unbuilt.compile("sgd", "mse")
    with pytest.raises(ValueError, match="must be built, and compiled"):
        CompiledTraining(unbuilt)
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    with pytest.raises(ValueError, match="rate must be a number, got "):
        CompiledTraining(build(keras.optimizers.SGD(schedule)))
