"""Train one small network under many learning rates and from many starts, all at once.

A network of this size keeps a processor busy for microseconds, but starting its operations from
Python takes milliseconds. Here all networks take a step together, and all steps run in one
compiled computation. The networks lie along the last axis of every array: neighbours in memory
then belong to different networks, which all need the same operation, so that the vector units
of the processor do it for 8 or 16 networks in one instruction, and none waits for another.
"""

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers, whole_number

#: Up to this many features, products and sums that the compiler fuses with what follows are
#: faster than a matrix product (1.4 times for 3 features).
FEW_FEATURES = 8

ADAM_DECAY_1, ADAM_DECAY_2, ADAM_EPSILON = 0.9, 0.999, 1e-7  # as in Keras


@dataclass(frozen=True)
class Sweep:
    """What `sweep` measured. A setting is a pair of a rate and a start.

    Attributes
    ----------
    steps : ndarray of int64, shape (n_records,)
        Updates done when a record was made.
    losses : ndarray of float32, shape (n_rates, n_starts, n_records)
        Mean cross entropy over all rows of `x` after so many updates.
    weights : tuple of ndarray of float32, shapes (n_rates, n_starts, ...)
        Weights after the last update, in the order of ``keras.Model.get_weights``.
    held_out_losses : ndarray of float32, shape (n_rates, n_starts, n_records), or None
        Mean cross entropy over the held-out rows; None if there are none.
    held_out_accuracies : ndarray of float32, shape (n_rates, n_starts, n_records), or None
        Share of held-out rows whose most probable class is right. A network that has diverged
        to NaN scores 0.
    """

    steps: NDArray[np.int64]
    losses: NDArray[np.float32]
    weights: tuple[NDArray[np.float32], ...]
    held_out_losses: NDArray[np.float32] | None = None
    held_out_accuracies: NDArray[np.float32] | None = None


def initial_weights(
    sizes: Sequence[int], *, n_starts: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], ...]:
    """Return random weights as Keras' Dense layers draw them, for several starts.

    Kernels are uniform in ±sqrt(6 / (n_in + n_out)) (Glorot), biases zero.

    Parameters
    ----------
    sizes : sequence of int
        Features, then units of each layer, the last one being the classes: ``(3, 3)`` is
        softmax regression, ``(784, 32, 10)`` has one hidden layer.
    n_starts : int
        Positive.
    rng : numpy.random.Generator
        Source of the weights.

    Returns
    -------
    tuple of ndarray of float32
        Kernel, shape (n_starts, n_in, n_out), and bias, shape (n_starts, n_out), of each layer.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If there are fewer than two sizes, or one is not positive.

    Examples
    --------
    >>> weights = initial_weights((784, 32, 10), n_starts=5, rng=np.random.default_rng(0))
    >>> [w.shape for w in weights]
    [(5, 784, 32), (5, 32), (5, 32, 10), (5, 10)]
    """
    if len(sizes) < 2:
        raise ValueError(f"sizes must hold at least features and classes, got {sizes!r}")
    n_starts = whole_number("n_starts", n_starts)
    sizes = [whole_number("a size", size) for size in sizes]
    weights = []
    for n_in, n_out in itertools.pairwise(sizes):
        bound = math.sqrt(6 / (n_in + n_out))
        kernel = rng.uniform(-bound, bound, size=(n_starts, n_in, n_out))
        weights += [kernel.astype(np.float32), np.zeros((n_starts, n_out), np.float32)]
    return tuple(weights)


def sweep(
    x: ArrayLike,
    labels: ArrayLike,
    *,
    weights: Sequence[ArrayLike],
    rates: ArrayLike,
    n_steps: int,
    record_every: int,
    optimizer: str = "sgd",
    batches: ArrayLike | None = None,
    held_out: tuple[ArrayLike, ArrayLike] | None = None,
    memory_limit: int = 2**28,
) -> Sweep:
    """Train one network for every pair of a rate and a start; all of them at once.

    Dense layers with ReLU between them, softmax and cross entropy at the end. Every network
    does what it would do alone: those beside it change its numbers by rounding only.

    Parameters
    ----------
    x : array_like of float, shape (n_rows, n_features)
        Training rows.
    labels : array_like of int, shape (n_rows,)
        Classes, from 0.
    weights : sequence of array_like
        Kernel, shape (n_starts, n_in, n_out), and bias, shape (n_starts, n_out), of each layer
        at the start; see `initial_weights`.
    rates : array_like of float, shape (n_rates,) or (n_rates, n_steps)
        Constant rates, positive, or the rate of every step, at least 0, as the functions of
        `lecture_utils.schedules` return it.
    n_steps : int
        Updates. Positive.
    record_every : int
        Updates from one record to the next; divides `n_steps`. The first record is made before
        the first update, the last one after the last update.
    optimizer : {"sgd", "adam"}
        Plain gradient descent, or Adam with the settings of Keras.
    batches : array_like of int, shape (n_starts, n_steps, batch_size), optional
        Rows that each update sees (see `lecture_utils.batches`): networks from the same start
        see the same ones. Without it every update sees all rows.
    held_out : tuple of array_like, optional
        Rows and labels that are measured with each record, such as a validation set.
    memory_limit : int
        Bytes that may be in use for one group of networks. More networks than fit are trained
        group after group.

    Returns
    -------
    Sweep
        Losses, final weights, and what was measured on the held-out rows.

    Raises
    ------
    TypeError
        If numbers are expected and something else is given.
    ValueError
        If shapes do not belong together, a value is out of range or not finite, or one network
        does not fit into `memory_limit`.

    Notes
    -----
    Agrees with a plain loop over ``tf.GradientTape`` and ``keras.optimizers``; a network that
    diverges has the loss NaN from the same step on. Compiling takes a second or so, once for
    every combination of shapes; the compiled computation is kept.

    Examples
    --------
    Two points, two classes; three rates, one of them useless, from two starts.

    >>> starts = initial_weights((1, 2), n_starts=2, rng=np.random.default_rng(0))
    >>> result = sweep([[-1.0], [1.0]], [0, 1], weights=starts, rates=[1e-9, 0.1, 1.0],
    ...                n_steps=100, record_every=50)
    >>> result.steps
    array([  0,  50, 100])
    >>> result.losses.shape
    (3, 2, 3)
    >>> (result.losses[:, :, -1] < 0.2).tolist()
    [[False, False], [True, True], [True, True]]
    """
    x, labels = _rows("x", x, labels)
    weights = _checked_weights(weights, n_features=x.shape[1])
    n_starts, n_classes = weights[-1].shape
    n_steps, rates = whole_number("n_steps", n_steps), _checked_rates(rates, n_steps)
    if n_steps % whole_number("record_every", record_every):
        raise ValueError(f"record_every must divide n_steps = {n_steps}, got {record_every}")
    if optimizer not in _OPTIMIZERS:
        raise ValueError(f"optimizer must be one of {', '.join(_OPTIMIZERS)}, got {optimizer!r}")
    batches = None if batches is None else _checked_batches(batches, n_starts, n_steps, len(x))
    measured = [(x, labels)] + ([] if held_out is None else [_rows("held_out", *held_out)])
    for name, (rows, classes) in zip(("x", "held_out"), measured, strict=False):
        if rows.shape[1] != x.shape[1]:
            raise ValueError(f"{name} must have {x.shape[1]} features, got {rows.shape[1]}")
        if classes.max() >= n_classes:
            raise ValueError(f"labels of {name} must be below {n_classes}, got {classes.max()}")

    network_bytes = _bytes_per_network(weights, rates, max(len(rows) for rows, _ in measured))
    if network_bytes > memory_limit:
        raise ValueError(
            f"memory_limit must be at least {network_bytes} bytes for one network, "
            f"got {memory_limit}"
        )
    groups = _groups(len(rates), n_starts, memory_limit // network_bytes, batches is not None)
    measured = tf.nest.map_structure(tf.constant, tuple(measured))  # once, not for each group
    parts = []
    for group in groups:
        rate_index, start_index = np.divmod(group, n_starts)
        arguments = (
            tuple(np.ascontiguousarray(np.moveaxis(w[start_index], 0, -1)) for w in weights),
            np.ascontiguousarray(rates[rate_index].T),
            measured,
            () if batches is None else (batches[start_index[0]],),
        )
        specs = tf.nest.map_structure(_spec, arguments)
        trained = _compiled(specs, optimizer, n_steps, record_every)(*arguments)
        parts.append(tf.nest.map_structure(lambda tensor: tensor.numpy(), trained))

    # Networks come back along the last axis, group after group: sort them by rate and start.
    order = np.argsort(np.concatenate(groups))
    final_weights, records = tf.nest.map_structure(
        lambda *arrays: np.moveaxis(np.concatenate(arrays, axis=-1)[..., order], -1, 0).reshape(
            len(rates), n_starts, *arrays[0].shape[:-1]
        ),
        *parts,
    )
    return Sweep(np.arange(0, n_steps + 1, record_every), records[0], final_weights, *records[1:])


@functools.lru_cache(maxsize=32)
def _compiled(
    specs: tuple, optimizer: str, n_steps: int, record_every: int
) -> Callable[..., tuple]:
    """Return the compiled training of as many networks as the shapes in `specs` say."""
    start_state, update = _OPTIMIZERS[optimizer]
    n_records = n_steps // record_every + 1

    @tf.function(input_signature=specs, jit_compile=True)
    def train(weights, rates, measured, batches):  # noqa: ANN001
        def recorded(record, records):  # noqa: ANN001
            values = _measure(weights, measured)
            return tuple(r.write(record, v) for r, v in zip(records, values, strict=True))

        state = start_state(weights)
        records = tuple(
            tf.TensorArray(tf.float32, n_records, element_shape=rates.shape[1:])
            for _ in _measure(weights, measured)
        )
        for record in tf.range(n_records - 1):
            records = recorded(record, records)
            for i in tf.range(record_every):
                step = record * record_every + i
                x, labels = measured[0]
                for rows in batches:  # none or one
                    x, labels = tf.gather(x, rows[step]), tf.gather(labels, rows[step])
                with tf.GradientTape() as tape:
                    tape.watch(weights)
                    # No network's loss depends on another's weights, so the gradient of their
                    # sum is every network's own gradient.
                    loss = tf.reduce_sum(_cross_entropy(_logits(x, weights), labels))
                gradients = tape.gradient(loss, weights)
                rate = rates[step % len(rates)]  # constant rates are a schedule of one step
                weights, state = update(weights, gradients, state, rate, step)
        records = recorded(n_records - 1, records)
        return weights, tuple(r.stack() for r in records)

    # Traced here, once; calling `train` itself would make TensorFlow warn of many shapes.
    return train.get_concrete_function()


def _logits(x: tf.Tensor, weights: tuple[tf.Tensor, ...]) -> tf.Tensor:
    """Return the logits of all networks, shape (n_rows, n_classes, n_networks).

    `x` has shape (n_rows, n_features), kernels (n_in, n_out, n_networks).
    """
    kernel, bias = weights[:2]
    if x.shape[1] <= FEW_FEATURES:
        layer = tf.reduce_sum(x[:, :, None, None] * kernel, axis=1) + bias
    else:  # one matrix product for all networks, since they share the rows
        layer = tf.einsum("ni,ikm->nkm", x, kernel) + bias
    for kernel, bias in zip(weights[2::2], weights[3::2], strict=True):
        layer = tf.einsum("nim,ikm->nkm", tf.nn.relu(layer), kernel) + bias
    return layer


def _cross_entropy(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Return the mean cross entropy of each network, shape (n_networks,)."""
    # The largest logit is subtracted so that no exponential overflows.
    logits -= tf.stop_gradient(tf.reduce_max(logits, axis=1, keepdims=True))
    is_label = labels[:, None, None] == tf.range(logits.shape[1])[:, None]
    of_label = tf.reduce_sum(tf.where(is_label, logits, 0.0), axis=1)
    return tf.reduce_mean(tf.math.log(tf.reduce_sum(tf.exp(logits), axis=1)) - of_label, axis=0)


def _accuracy(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Return the share of right rows of each network, shape (n_networks,); 0 for NaN."""
    is_right = tf.argmax(logits, axis=1, output_type=tf.int32) == labels[:, None]
    is_right &= tf.math.is_finite(tf.reduce_max(logits, axis=1))
    return tf.reduce_mean(tf.cast(is_right, tf.float32), axis=0)


def _measure(weights: tuple[tf.Tensor, ...], measured: tuple) -> tuple[tf.Tensor, ...]:
    """Return what a record holds: the training loss, then loss and accuracy held out."""
    (x, labels), *held_out = measured
    values = [_cross_entropy(_logits(x, weights), labels)]
    for x_held_out, labels_held_out in held_out:
        logits = _logits(x_held_out, weights)
        values += [_cross_entropy(logits, labels_held_out), _accuracy(logits, labels_held_out)]
    return tuple(values)


def _no_state(weights: tuple[tf.Tensor, ...]) -> tuple:
    """Return the state of plain gradient descent: none."""
    return ()


def _descend(weights, gradients, state, rate, step):  # noqa: ANN001
    """Take a step of plain gradient descent."""
    return tuple(w - rate * g for w, g in zip(weights, gradients, strict=True)), state


def _no_moments(weights: tuple[tf.Tensor, ...]) -> tuple:
    """Return the state of Adam: running means of the gradients and of their squares."""
    return tuple(tf.zeros_like(w) for w in weights), tuple(tf.zeros_like(w) for w in weights)


def _adam(weights, gradients, state, rate, step):  # noqa: ANN001
    """Take a step of Adam."""
    n_updates = tf.cast(step + 1, tf.float32)
    means, squares = (
        tuple(old + (1 - decay) * (new - old) for old, new in zip(moments, values, strict=True))
        for decay, moments, values in (
            (ADAM_DECAY_1, state[0], gradients),
            (ADAM_DECAY_2, state[1], [g * g for g in gradients]),
        )
    )
    rate *= tf.sqrt(1 - ADAM_DECAY_2**n_updates) / (1 - ADAM_DECAY_1**n_updates)
    weights = tuple(
        w - rate * mean / (tf.sqrt(square) + ADAM_EPSILON)
        for w, mean, square in zip(weights, means, squares, strict=True)
    )
    return weights, (means, squares)


#: Name: the state before the first step, and how a step changes weights and state.
_OPTIMIZERS = {"sgd": (_no_state, _descend), "adam": (_no_moments, _adam)}


def _spec(array: np.ndarray) -> tf.TensorSpec:
    """Return shape and type of an array, which a compiled function is made for."""
    return tf.TensorSpec(array.shape, array.dtype)


def _bytes_per_network(weights: Sequence[np.ndarray], rates: np.ndarray, n_rows: int) -> int:
    """Return an upper estimate of the memory that one more network takes."""
    n_weights = sum(w[0].size for w in weights)
    n_units = sum(bias.shape[1] for bias in weights[1::2])
    # Weights, gradients and two moments, each old and new; per unit and row its value, its
    # gradient and two intermediate results.
    return 4 * (8 * n_weights + 4 * n_rows * n_units + rates.shape[1])


def _groups(
    n_rates: int, n_starts: int, largest: int, one_start_each: bool
) -> list[NDArray[np.int64]]:
    """Split the settings, numbered by rate, then start, into groups that train together."""
    settings = np.arange(n_rates * n_starts).reshape(n_rates, n_starts)
    columns = settings.T if one_start_each else [settings.ravel()]
    return [
        group for column in columns for group in np.array_split(column, -(-len(column) // largest))
    ]


def _rows(
    name: str, x: ArrayLike, labels: ArrayLike
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return rows and their classes."""
    x = finite_numbers(name, x).astype(np.float32, copy=False)
    labels = np.asarray(labels)
    if x.ndim != 2 or labels.shape != x.shape[:1]:
        raise ValueError(
            f"{name} must have shape (n_rows, n_features) and its labels (n_rows,), "
            f"got {x.shape} and {labels.shape}"
        )
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels of {name} must be integers, got {labels.dtype}")
    if labels.min() < 0:
        raise ValueError(f"labels of {name} must not be negative, got {labels.min()}")
    return x, labels.astype(np.int32)


def _checked_weights(
    weights: Sequence[ArrayLike], n_features: int
) -> tuple[NDArray[np.float32], ...]:
    """Return the weights if each layer takes what the one before gives."""
    weights = tuple(
        finite_numbers(f"weights[{i}]", w).astype(np.float32) for i, w in enumerate(weights)
    )
    shapes = [w.shape for w in weights]
    sizes = [n_features, *(bias[-1] for bias in shapes[1::2] if bias)]
    layers = [shapes[0][:1] + layer for layer in itertools.pairwise(sizes)] if shapes else []
    if not layers or shapes != [s for layer in layers for s in (layer, (layer[0], layer[2]))]:
        raise ValueError(
            "weights must be kernels (n_starts, n_in, n_out) and biases (n_starts, n_out) "
            f"for {n_features} features, got shapes {shapes}"
        )
    return weights


def _checked_rates(rates: ArrayLike, n_steps: int) -> NDArray[np.float32]:
    """Return the rates with shape (n_rates, 1) or (n_rates, n_steps)."""
    rates = finite_numbers("rates", rates).astype(np.float32)
    if rates.ndim == 1:
        if not (rates > 0).all():
            raise ValueError(f"constant rates must be positive, got {rates[~(rates > 0)][0]}")
        return rates[:, None]
    if rates.ndim != 2 or rates.shape[1] != n_steps:
        raise ValueError(
            f"rates must have shape (n_rates,) or (n_rates, n_steps = {n_steps}), got {rates.shape}"
        )
    if (rates < 0).any():
        raise ValueError(f"rates must not be negative, got {rates[rates < 0][0]}")
    return rates


def _checked_batches(
    batches: ArrayLike, n_starts: int, n_steps: int, n_rows: int
) -> NDArray[np.int32]:
    """Return the row numbers of each start's batches."""
    batches = np.asarray(batches)
    if batches.dtype.kind not in "iu":
        raise TypeError(f"batches must be row numbers, got {batches.dtype}")
    if batches.ndim != 3 or batches.shape[:2] != (n_starts, n_steps) or batches.size == 0:
        raise ValueError(
            f"batches must have shape (n_starts = {n_starts}, n_steps = {n_steps}, batch_size), "
            f"got {batches.shape}"
        )
    outside = (batches < 0) | (batches >= n_rows)
    if outside.any():
        raise ValueError(f"batches must be from 0 to {n_rows - 1}, got {batches[outside][0]}")
    return batches.astype(np.int32)
