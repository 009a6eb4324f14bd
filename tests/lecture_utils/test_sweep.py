"""Networks that train together do what each would do alone."""

import logging

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from lecture_utils.batches import batch_order
from lecture_utils.schedules import step_decay
from lecture_utils.sweep import Sweep, initial_weights, sweep

# The lecture's learning rate lab: eight points, three classes.
LAB_X = np.array(
    [[1, 2, 1], [1, 3, 2], [1, 3, 4], [1, 5, 5], [1, 7, 5], [1, 2, 5], [1, 6, 6], [1, 7, 7]],
    np.float32,
)
LAB_LABELS = np.array([2, 2, 2, 1, 1, 1, 0, 0])


def lab_starts(n_starts=2):
    rng = np.random.default_rng(1)
    return (
        rng.normal(size=(n_starts, 3, 3)).astype(np.float32),
        rng.normal(size=(n_starts, 3)).astype(np.float32),
    )


def noisy_rows(n_rows=60, n_features=12, n_classes=4):
    """Rows that depend on their class, more features than `sweep` treats as few."""
    rng = np.random.default_rng(2)
    labels = np.arange(n_rows) % n_classes
    x = rng.normal(size=(n_rows, n_features)) + 2 * np.eye(n_classes, n_features)[labels]
    return x.astype(np.float32), labels


def eager_losses(x, labels, weights, rates, *, optimizer="sgd", batches=None, record_every=1):
    """The plain way: one network, one step at a time, Keras' optimizer."""
    variables = [tf.Variable(w) for w in weights]
    optimizer = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}[optimizer](1.0)

    def loss(x, labels):
        layer = x
        for i in range(0, len(variables), 2):
            layer = tf.nn.relu(layer) if i else layer
            layer = layer @ variables[i] + variables[i + 1]
        return tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=layer)
        )

    losses = [loss(x, labels).numpy()]
    for step, rate in enumerate(rates):
        rows = slice(None) if batches is None else batches[step]
        with tf.GradientTape() as tape:
            value = loss(x[rows], labels[rows])
        optimizer.learning_rate = float(rate)
        optimizer.apply(tape.gradient(value, variables), variables)
        if (step + 1) % record_every == 0:
            losses.append(loss(x, labels).numpy())
    return np.array(losses), [v.numpy() for v in variables]


def numpy_losses(x, labels, weights, rate, n_steps):
    """Softmax regression by hand, in float64."""
    kernel, bias = (w.astype(np.float64) for w in weights)
    losses = []
    for _ in range(n_steps + 1):
        logits = x @ kernel + bias
        logits -= logits.max(axis=1, keepdims=True)
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        losses.append(-np.log(probabilities[np.arange(len(x)), labels]).mean())
        residual = (probabilities - np.eye(bias.size)[labels]) / len(x)
        kernel, bias = kernel - rate * x.T @ residual, bias - rate * residual.sum(axis=0)
    return np.array(losses)


def assert_same(result: Sweep, rate, start, losses, weights, *, rtol=1e-4, atol=1e-5):
    np.testing.assert_allclose(result.losses[rate, start], losses, rtol=rtol, atol=atol)
    for ours, theirs in zip(result.weights, weights, strict=True):
        np.testing.assert_allclose(ours[rate, start], theirs, rtol=rtol, atol=atol)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_lab_is_the_eager_loop(optimizer):
    rates, starts = [1e-10, 0.01, 0.1], lab_starts()
    result = sweep(
        LAB_X, LAB_LABELS, weights=starts, rates=rates, n_steps=15, record_every=1,
        optimizer=optimizer,
    )  # fmt: skip
    for i, rate in enumerate(rates):
        plain = eager_losses(
            LAB_X, LAB_LABELS, [w[1] for w in starts], [rate] * 15, optimizer=optimizer
        )
        assert_same(result, i, 1, *plain)


def test_lab_is_the_numpy_loop():
    # Above 0.1 or so the loss jumps, and rounding decides where it lands.
    rates, starts = np.geomspace(1e-4, 0.1, 7), lab_starts()
    result = sweep(LAB_X, LAB_LABELS, weights=starts, rates=rates, n_steps=200, record_every=1)
    for i, rate in enumerate(rates):
        plain = numpy_losses(LAB_X, LAB_LABELS, [w[1] for w in starts], rate, 200)
        np.testing.assert_allclose(result.losses[i, 1], plain, rtol=1e-4)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_network_with_batches_and_schedules_is_the_eager_loop(optimizer):
    (x, labels), n_steps = noisy_rows(), 12
    starts = initial_weights((12, 6, 4), n_starts=2, rng=np.random.default_rng(3))
    batches = np.stack(
        [
            batch_order(60, batch_size=20, n_steps=n_steps, rng=np.random.default_rng(seed))
            for seed in range(2)
        ]
    )
    steps = np.arange(n_steps)
    rates = np.stack(
        [
            step_decay(steps, initial_rate=rate, decay_rate=0.5, decay_steps=5)
            for rate in (0.003, 0.03, 0.3)
        ]
    )
    result = sweep(
        x, labels, weights=starts, rates=rates, n_steps=n_steps, record_every=4, batches=batches,
        optimizer=optimizer,
    )  # fmt: skip
    assert result.steps.tolist() == [0, 4, 8, 12]
    for i in range(3):
        for j in range(2):
            plain = eager_losses(
                x, labels, [w[j] for w in starts], rates[i], optimizer=optimizer,
                batches=batches[j], record_every=4,
            )  # fmt: skip
            assert_same(result, i, j, *plain)


def test_network_that_diverges_does_so_at_the_same_step_and_harms_no_other():
    x, labels = noisy_rows()
    starts = initial_weights((12, 6, 5, 4), n_starts=1, rng=np.random.default_rng(3))
    rates = [0.1, 1e9, 0.05]
    result = sweep(x, labels, weights=starts, rates=rates, n_steps=8, record_every=1,
                   held_out=(x, labels))  # fmt: skip
    for i, rate in enumerate(rates):
        losses, weights = eager_losses(x, labels, [w[0] for w in starts], [rate] * 8)
        np.testing.assert_allclose(result.losses[i, 0], losses, rtol=1e-4)  # NaN at the same steps
        if np.isfinite(losses).all():
            assert_same(result, i, 0, losses, weights)
    assert np.isnan(result.losses[1, 0, -1])
    assert result.held_out_accuracies[1, 0, -1] == 0
    alone = sweep(x, labels, weights=starts, rates=[0.1, 0.05], n_steps=8, record_every=1)
    np.testing.assert_allclose(result.losses[[0, 2]], alone.losses, rtol=1e-5)


@settings(max_examples=10, deadline=None)
@given(chosen=st.lists(st.integers(0, 9), min_size=2, max_size=2, unique=True))
def test_result_does_not_depend_on_who_trains_beside(chosen):
    rates, starts = np.geomspace(1e-3, 1, 10), lab_starts()
    run = {"weights": starts, "n_steps": 50, "record_every": 10}
    together = sweep(LAB_X, LAB_LABELS, rates=rates, **run)
    few = sweep(LAB_X, LAB_LABELS, rates=rates[chosen], **run)
    np.testing.assert_allclose(few.losses, together.losses[chosen], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("with_batches", [False, True])
def test_groups_that_fit_the_memory_limit_give_the_same(with_batches):
    x, labels = noisy_rows()
    starts = initial_weights((12, 6, 4), n_starts=3, rng=np.random.default_rng(3))
    run = {"weights": starts, "rates": [0.01, 0.1, 0.2, 0.3], "n_steps": 6, "record_every": 3}
    if with_batches:
        order = batch_order(60, batch_size=20, n_steps=18, rng=np.random.default_rng(0))
        run["batches"] = order.reshape(3, 6, 20)
    together = sweep(x, labels, **run)
    with pytest.raises(ValueError, match="memory_limit must be at least") as error:
        sweep(x, labels, **run, memory_limit=1)
    smallest = int(str(error.value).split("at least ")[1].split()[0])
    for limit in (smallest, 3 * smallest):
        grouped = sweep(x, labels, **run, memory_limit=limit)
        np.testing.assert_allclose(grouped.losses, together.losses, rtol=1e-5)
        for ours, theirs in zip(grouped.weights, together.weights, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_held_out_rows_are_measured_as_keras_measures_them():
    x, labels = noisy_rows()
    starts = initial_weights((12, 6, 4), n_starts=1, rng=np.random.default_rng(3))
    result = sweep(x[:40], labels[:40], weights=starts, rates=[0.3], n_steps=20, record_every=20,
                   held_out=(x[40:], labels[40:]))  # fmt: skip
    model = keras.Sequential(
        [keras.Input((12,)), keras.layers.Dense(6, "relu"), keras.layers.Dense(4)]
    )
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
    )
    for record, weights in enumerate([starts, result.weights]):
        model.set_weights([np.squeeze(w) for w in weights])
        loss, accuracy = model.evaluate(x[40:], labels[40:], verbose=0)
        np.testing.assert_allclose(result.held_out_losses[0, 0, record], loss, rtol=1e-5)
        np.testing.assert_allclose(result.held_out_accuracies[0, 0, record], accuracy, rtol=1e-6)


def test_without_held_out_rows_nothing_is_said_about_them():
    result = sweep(LAB_X, LAB_LABELS, weights=lab_starts(), rates=[0.1], n_steps=2, record_every=1)
    assert result.held_out_losses is None
    assert result.held_out_accuracies is None
    assert result.losses.dtype == np.float32
    assert result.weights[0].shape == (1, 2, 3, 3)


def test_many_shapes_make_tensorflow_warn_of_nothing(caplog):
    with caplog.at_level(logging.WARNING):
        for n_rates in range(20, 26):
            sweep(LAB_X, LAB_LABELS, weights=lab_starts(1), rates=np.ones(n_rates), n_steps=1,
                  record_every=1)  # fmt: skip
    assert caplog.text == ""


def test_initial_weights_are_those_of_keras_in_distribution():
    kernel, bias, *_ = initial_weights((50, 30, 4), n_starts=40, rng=np.random.default_rng(0))
    bound = np.sqrt(6 / 80)
    assert np.abs(kernel).max() <= bound
    np.testing.assert_allclose(kernel.std(), bound / np.sqrt(3), rtol=0.01)
    assert not bias.any()
    again = initial_weights((50, 30, 4), n_starts=40, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(again[0], kernel)


LAB = {
    "x": LAB_X, "labels": LAB_LABELS, "weights": lab_starts(), "rates": [0.1], "n_steps": 4,
    "record_every": 2,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"rates": []}, ValueError, "rates must not be empty"),
        ({"rates": [0.1, 0]}, ValueError, "constant rates must be positive, got 0.0"),
        ({"rates": [-0.1]}, ValueError, "constant rates must be positive, got -0.1"),
        ({"rates": [np.nan]}, ValueError, "rates must be finite, got nan"),
        ({"rates": [[0.1, -0.2, 0, 0]]}, ValueError, "rates must not be negative, got -0.2"),
        ({"rates": [[0.1, 0.2]]}, ValueError, r"n_steps = 4\), got \(1, 2\)"),
        ({"rates": ["a"]}, TypeError, "rates must be numbers"),
        ({"n_steps": 0}, ValueError, "n_steps must be at least 1, got 0"),
        ({"n_steps": 4.0}, TypeError, "n_steps must be an integer, got 4.0"),
        ({"record_every": 3}, ValueError, "record_every must divide n_steps = 4, got 3"),
        ({"record_every": 0}, ValueError, "record_every must be at least 1, got 0"),
        ({"x": LAB_X[:0], "labels": LAB_LABELS[:0]}, ValueError, "x must not be empty"),
        ({"x": LAB_X * np.nan}, ValueError, "x must be finite, got nan"),
        ({"x": LAB_X[:, :2]}, ValueError, "for 2 features, got shapes"),
        ({"labels": LAB_LABELS[:5]}, ValueError, r"got \(8, 3\) and \(5,\)"),
        ({"labels": LAB_LABELS + 1}, ValueError, "labels of x must be below 3, got 3"),
        ({"labels": LAB_LABELS - 1}, ValueError, "labels of x must not be negative, got -1"),
        ({"labels": LAB_LABELS / 2}, TypeError, "labels of x must be integers, got float64"),
        ({"weights": ()}, ValueError, "weights must be kernels"),
        ({"weights": lab_starts()[:1]}, ValueError, "weights must be kernels"),
        ({"weights": lab_starts()[::-1]}, ValueError, "weights must be kernels"),
        ({"weights": (*lab_starts(), *lab_starts(3))}, ValueError, "weights must be kernels"),
        ({"weights": (lab_starts()[0] * np.inf, lab_starts()[1])}, ValueError, "must be finite"),
        ({"optimizer": "rprop"}, ValueError, "optimizer must be one of sgd, adam, got 'rprop'"),
        ({"batches": np.zeros((2, 3, 5), int)}, ValueError, r"got \(2, 3, 5\)"),
        ({"batches": np.full((2, 4, 5), 8)}, ValueError, "batches must be from 0 to 7, got 8"),
        ({"batches": np.zeros((2, 4, 5))}, TypeError, "batches must be row numbers"),
        ({"held_out": (LAB_X[:, :2], LAB_LABELS)}, ValueError, "held_out must have 3 features"),
        ({"held_out": (LAB_X, LAB_LABELS + 1)}, ValueError, "labels of held_out must be below 3"),
    ],
)  # fmt: skip
def test_bad_input(change, error, message):
    arguments = {**LAB, **change}
    with pytest.raises(error, match=message):
        sweep(arguments.pop("x"), arguments.pop("labels"), **arguments)


@pytest.mark.parametrize(
    ("sizes", "n_starts", "message"),
    [
        ((3,), 1, "sizes must hold at least features and classes"),
        ((3, 0), 1, "a size must be at least 1, got 0"),
        ((3, 3), 0, "n_starts must be at least 1, got 0"),
    ],
)
def test_bad_sizes(sizes, n_starts, message):
    with pytest.raises(ValueError, match=message):
        initial_weights(sizes, n_starts=n_starts, rng=np.random.default_rng(0))
