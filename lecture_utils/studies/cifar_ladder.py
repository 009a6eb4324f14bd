"""The ladder of networks of chapter 12: how each rung is built, and how all of them are trained.

All rungs learn from the same pictures in the same batches, with a rate that rises to a peak during
the first quarter of the training and falls to 0 along a cosine.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from lecture_utils.augmentation import crop_randomly, flip_horizontally
from lecture_utils.batches import batch_order
from lecture_utils.schedules import one_cycle
from lecture_utils.training import StepTraining

RUNGS = ("linear", "dense", "cnn", "cnn_augmented", "cnn_normalized", "cnn_both")
AUGMENTED = ("cnn_augmented", "cnn_both")
NORMALIZED = ("cnn_normalized", "cnn_both")


def build_network(rung: str, n_classes: int, *, settings: Mapping[str, Any]) -> keras.Model:
    """Return an untrained network that gives one score a class, ready to train.

    Parameters
    ----------
    rung : str
        One of ``RUNGS``.
    n_classes : int
        Number of scores.
    settings : mapping
        ``hidden_units`` of the dense network, ``filters`` of the three convolutions, and the name
        of the ``optimizer``.

    Returns
    -------
    keras.Model
        It takes pictures of shape (n, 32, 32, 3), uint8, and gives scores (n, n_classes).

    Raises
    ------
    ValueError
        If there is no such rung.
    """
    if rung not in RUNGS:
        raise ValueError(f"rung must be one of {', '.join(RUNGS)}, got {rung!r}")
    layers = [keras.Input((32, 32, 3), dtype="uint8"), keras.layers.Rescaling(1 / 64, offset=-2)]
    if rung.startswith("cnn"):
        for filters, kernel_size in zip(settings["filters"], (4, 3, 3), strict=True):
            layers += _convolution(filters, kernel_size, normalized=rung in NORMALIZED)
    layers.append(keras.layers.Flatten())
    if rung == "dense":
        layers.append(keras.layers.Dense(settings["hidden_units"], activation="relu"))
    layers.append(keras.layers.Dense(n_classes))
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=settings["optimizer"], loss=loss)
    return model


def _convolution(filters: int, kernel_size: int, *, normalized: bool) -> list[keras.Layer]:
    """Return the layers that halve height and width and give `filters` channels."""
    layers = keras.layers
    first = layers.Conv2D(filters, kernel_size, strides=2, padding="same", use_bias=not normalized)
    middle = [layers.BatchNormalization(momentum=0.9)] if normalized else []
    return [first, *middle, layers.ReLU()]


def augment(
    images: NDArray[np.uint8], *, rng: np.random.Generator, padding: int
) -> NDArray[np.uint8]:
    """Return the pictures, half of them mirrored, each moved by up to `padding` pixels.

    Examples
    --------
    >>> white = np.full((2, 32, 32, 3), 255, np.uint8)
    >>> augment(white, rng=np.random.default_rng(0), padding=4).shape
    (2, 32, 32, 3)
    """
    return crop_randomly(flip_horizontally(images, rng), rng, padding=padding)


def fit_and_validation_rows(
    labels: NDArray, *, settings: Mapping[str, Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows to learn from and those held out, equally many of each class.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
        The fine classes.
    settings : mapping
        ``validation_rows``, how many are held out, and ``split_random_state``.

    Returns
    -------
    tuple of ndarray
        Row numbers, (n - validation_rows,) and (validation_rows,).
    """
    fit, validation = train_test_split(
        np.arange(len(labels)),
        test_size=settings["validation_rows"],
        stratify=labels,
        random_state=settings["split_random_state"],
    )
    return fit, validation


def train_by_epoch(
    model: keras.Model,
    x: NDArray[np.uint8],
    y: NDArray,
    rows: NDArray[np.int64],
    *,
    seed: int,
    peak: float,
    epochs: int,
    augmented: bool,
    settings: Mapping[str, Any],
) -> Iterator[NDArray[np.float32]]:
    """Train a network in place, and yield after every epoch the losses of its steps.

    Parameters
    ----------
    model : keras.Model
        From `build_network`.
    x, y : ndarray, shapes (n, 32, 32, 3) and (n,)
        Pictures and labels.
    rows : ndarray of int, shape (n_fit,)
        The rows to learn from.
    seed : int
        Of the order of the rows, and of the changes.
    peak : float
        Highest learning rate.
    epochs : int
        How often each row is seen.
    augmented : bool
        Whether every batch is changed by `augment`.
    settings : mapping
        ``batch_size``, ``warmup_share`` and ``crop_padding``.

    Yields
    ------
    ndarray of float, shape (n_fit // batch_size,)
        Cross entropy of each batch, in nats, before its step.
    """
    training = StepTraining(model)
    n_steps = epochs * (len(rows) // settings["batch_size"])
    order = batch_order(
        len(rows),
        batch_size=settings["batch_size"],
        n_steps=n_steps,
        rng=np.random.default_rng(seed),
    )
    rates = one_cycle(n_steps, peak=peak, rising_share=settings["warmup_share"])
    change = None
    if augmented:
        rng = np.random.default_rng([seed, 1])
        change = partial(augment, rng=rng, padding=settings["crop_padding"])
    for steps in np.split(np.arange(n_steps), epochs):
        yield training.run(x, y, rates=rates[steps], batches=rows[order[steps]], change=change)


def accuracy_and_loss(logits: NDArray, y: NDArray) -> tuple[float, float]:
    """Return top-1 accuracy and mean cross entropy (nats).

    Examples
    --------
    >>> right, loss = accuracy_and_loss(np.zeros((2, 100)), np.array([0, 1]))
    >>> right, round(loss, 3)
    (0.5, 4.605)
    """
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    right = (logits.argmax(axis=1) == y).mean()
    return float(right), float(-log_p[np.arange(len(y)), y].mean())


def top_5(logits: NDArray, y: NDArray) -> float:
    """Return the share of rows whose class is among the five highest scores.

    Examples
    --------
    >>> top_5(np.arange(12.0).reshape(2, 6), np.array([0, 1]))
    0.5
    """
    return float((np.argsort(logits, axis=1)[:, -5:] == y[:, np.newaxis]).any(axis=1).mean())
