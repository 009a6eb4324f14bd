"""The network on counts is the Keras network on words, and trains as it does."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.sparse import csr_array

from lecture_utils.studies.word_average import cross_entropy, scores, train
from lecture_utils.studies.word_counts import count_words

N_WORDS, N_TEXTS, LENGTH = 30, 70, 12


def build(*, mask_zero):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32"),
            keras.layers.Embedding(N_WORDS, 4, mask_zero=mask_zero),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(5, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy")
    return model


@pytest.fixture
def padded():
    rng = np.random.default_rng(0)
    x = rng.integers(1, N_WORDS, size=(N_TEXTS, LENGTH)).astype(np.int32)
    for row, length in zip(x, rng.integers(1, LENGTH + 1, size=N_TEXTS), strict=True):
        row[length:] = 0
    return x, (x == 3).any(axis=1).astype(np.int64)


@pytest.mark.parametrize("mask_zero", [False, True])
def test_scores_and_updates_are_those_of_keras(padded, mask_zero):
    x, y = padded
    counts = count_words(x, N_WORDS, leave_out=[0] if mask_zero else [])
    model, rng = build(mask_zero=mask_zero), np.random.default_rng(1)
    start = model.get_weights()
    probabilities = model.predict(x, verbose=0)[:, 0]
    np.testing.assert_allclose(1 / (1 + np.exp(-scores(start, counts))), probabilities, rtol=1e-5)

    for _ in range(3):
        order = rng.permutation(N_TEXTS)
        for begin in range(0, N_TEXTS, 16):
            model.train_on_batch(x[order[begin : begin + 16]], y[order[begin : begin + 16]])
    runs = train(start, counts, y, n_epochs=3, batch_size=16, rng=np.random.default_rng(1))
    *_, trained = runs
    for ours, theirs in zip(trained, model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)
    loss = model.evaluate(x, y, verbose=0)
    assert cross_entropy(scores(trained, counts), y) == pytest.approx(loss, rel=1e-4)


def test_training_learns_and_leaves_its_start_alone(padded):
    x, y = padded
    counts = count_words(x, N_WORDS, leave_out=[0])
    start = build(mask_zero=True).get_weights()
    before = [weight.copy() for weight in start]
    losses = [
        cross_entropy(scores(weights, counts), y)
        for weights in train(
            start, counts, y, n_epochs=60, batch_size=10, rng=np.random.default_rng(0),
            learning_rate=0.01,
        )
    ]  # fmt: skip
    assert len(losses) == 60
    assert losses[-1] < 0.1 < losses[0]
    for was, stayed in zip(before, start, strict=True):
        np.testing.assert_array_equal(was, stayed)


def test_summed_repeats_are_the_dense_gradients_of_keras(padded):
    x, y = padded
    model = build(mask_zero=False)
    start = model.get_weights()
    order = np.random.default_rng(1).permutation(N_TEXTS)
    for begin in range(0, N_TEXTS, 16):
        rows = order[begin : begin + 16]
        with tf.GradientTape() as tape:
            loss = model.compute_loss(x[rows], y[rows], model(x[rows]))
        gradients = tape.gradient(loss, model.trainable_variables)
        dense = [tf.convert_to_tensor(gradient) for gradient in gradients]
        model.optimizer.apply(dense, model.trainable_variables)
    (trained,) = train(
        start, count_words(x, N_WORDS), y, n_epochs=1, batch_size=16,
        rng=np.random.default_rng(1), sum_repeats=True,
    )  # fmt: skip
    for ours, theirs in zip(trained, model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


def test_a_text_without_words_is_refused():
    weights = [np.ones(shape) for shape in [(2, 1), (1, 1), (1,), (1, 1), (1,)]]
    with pytest.raises(ValueError, match="text 1 has no words"):
        scores(weights, csr_array([[1.0, 0.0], [0.0, 0.0]]))


def test_cross_entropy_survives_large_scores():
    assert cross_entropy([1000.0, -1000.0], [0, 0]) == 500.0


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"labels": [0]}, ValueError, r"labels must have shape \(2,\), got \(1,\)"),
        ({"n_epochs": 0}, ValueError, "n_epochs must be at least 1, got 0"),
        ({"batch_size": 1.5}, TypeError, "batch_size must be an integer, got 1.5"),
        ({"learning_rate": 0}, ValueError, "learning_rate must be above 0, got 0"),
        ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator, got 0"),
        ({"weights": [np.ones((3, 1))]}, ValueError, "with n_words = 2, got"),
    ],
)
def test_bad_arguments_are_refused_at_the_call(change, error, message):
    weights = [np.ones(shape) for shape in [(2, 1), (1, 1), (1,), (1, 1), (1,)]]
    arguments = {"weights": weights, "counts": csr_array(np.eye(2)), "labels": [0, 1],
                 "n_epochs": 1, "batch_size": 2, "rng": np.random.default_rng(0)}  # fmt: skip
    with pytest.raises(error, match=message):
        train(**{**arguments, **change})


def test_labels_of_another_number_have_no_cross_entropy():
    with pytest.raises(ValueError, match=r"one shape, got \(2,\) and \(1,\)"):
        cross_entropy([0.0, 1.0], [1])
