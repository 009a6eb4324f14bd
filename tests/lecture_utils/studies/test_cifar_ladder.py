"""The ladder of networks of chapter 12: what is built, what is learned, how it is judged."""

import keras
import numpy as np
import pytest
from sklearn.metrics import top_k_accuracy_score

from lecture_utils.studies.cifar_ladder import (
    RUNGS,
    accuracy_and_loss,
    build_network,
    fit_and_validation_rows,
    top_5,
    train_by_epoch,
)

SETTINGS = {
    "validation_rows": 40,
    "split_random_state": 0,
    "batch_size": 20,
    "optimizer": "adam",
    "warmup_share": 0.25,
    "hidden_units": 8,
    "filters": [4, 6, 8],
    "crop_padding": 4,
}
PARAMETERS = {
    "linear": 3072 * 5 + 5,
    "dense": 3072 * 8 + 8 + 8 * 5 + 5,
    "cnn": (48 * 4 + 4) + (36 * 6 + 6) + (54 * 8 + 8) + 16 * 8 * 5 + 5,
    # no biases, but four numbers for each channel
    "cnn_normalized": 48 * 4 + 36 * 6 + 54 * 8 + 4 * (4 + 6 + 8) + 16 * 8 * 5 + 5,
}
PARAMETERS |= {"cnn_augmented": PARAMETERS["cnn"], "cnn_both": PARAMETERS["cnn_normalized"]}


def some_pictures(n=80):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (n, 32, 32, 3), dtype=np.uint8), np.arange(n) % 5


@pytest.mark.parametrize("rung", RUNGS)
def test_every_rung_has_its_parameters_and_gives_a_score_a_class(rung):
    x, _ = some_pictures(3)
    network = build_network(rung, 5, settings=SETTINGS)
    assert network.count_params() == PARAMETERS[rung]
    assert network(x).shape == (3, 5)


def test_an_unknown_rung_is_answered_with_the_rungs():
    with pytest.raises(ValueError, match=r"rung must be one of linear.*got 'tree'"):
        build_network("tree", 5, settings=SETTINGS)


def test_the_split_is_balanced_and_leaves_nothing_out():
    _, y = some_pictures()
    fit, validation = fit_and_validation_rows(y, settings=SETTINGS)
    assert sorted([*fit, *validation]) == list(range(80))
    assert set(np.bincount(y[validation])) == {8}


@pytest.mark.parametrize("augmented", [False, True])
def test_training_repeats_itself_and_takes_every_step(augmented):
    x, y = some_pictures()
    fit, _ = fit_and_validation_rows(y, settings=SETTINGS)
    losses = []
    for _ in range(2):
        keras.utils.set_random_seed(1)
        network = build_network("cnn_normalized", 5, settings=SETTINGS)
        training = train_by_epoch(
            network, x, y, fit, seed=1, peak=0.01, epochs=3, augmented=augmented, settings=SETTINGS
        )
        losses.append(np.array(list(training)))
    assert losses[0].shape == (3, 2)
    np.testing.assert_array_equal(*losses)
    assert np.isfinite(losses[0]).all()


def test_scores_are_judged_as_keras_and_scikit_learn_judge_them():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (200, 12)).astype(np.float32)
    y = rng.integers(12, size=200)
    accuracy, loss = accuracy_and_loss(logits, y)
    expected = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, logits)
    assert loss == pytest.approx(float(expected), rel=1e-5)
    assert accuracy == top_k_accuracy_score(y, logits, k=1, labels=range(12))
    assert top_5(logits, y) == top_k_accuracy_score(y, logits, k=5, labels=range(12))
