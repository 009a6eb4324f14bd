"""Train a Keras model with compiled steps.

``model.fit`` goes back to Python after every batch, and does not compile the batch when operations
must be repeatable, as `lecture_utils.runtime` asks. Here every step is compiled, for a model
without convolutions the loop over the steps, too.

Every step does what a step of ``model.fit`` does: forward pass, loss, gradients, update by the
model's optimizer. Layers that change while training (dropout, batch normalization) and penalties
that layers add to the loss are part of it; callbacks and metrics are not. Both classes agree with
``model.fit`` on the same batches in the same order. Compiling takes a second or two, again for
other shapes.
"""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers


class CompiledTraining:
    """The training of one model as one compiled computation, the loop over the batches included.

    Parameters
    ----------
    model : keras.Model
        Built, and compiled with a loss and with an optimizer whose rate is a number. It is
        trained in place.

    Raises
    ------
    TypeError
        If `model` is not a Keras model.
    ValueError
        If it is not built or not compiled, or its optimizer follows a schedule of its own.

    See Also
    --------
    StepTraining : For networks with convolutions.

    Examples
    --------
    >>> from lecture_utils.batches import batch_order
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(optimizer="sgd", loss="mean_squared_error")
    >>> training = CompiledTraining(model)
    >>> order = batch_order(4, batch_size=2, n_steps=500, rng=np.random.default_rng(0))
    >>> x, y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0]
    >>> losses = training.run(x, y, rates=np.full(500, 0.1), batches=order)
    >>> [weight.round(3).tolist() for weight in model.get_weights()]
    [[[2.0]], [1.0]]
    """

    def __init__(self, model: keras.Model) -> None:
        if not isinstance(model, keras.Model):
            raise TypeError(f"model must be a Keras model, got {model!r}")
        if not model.built or getattr(model, "optimizer", None) is None:
            raise ValueError(f"model {model.name!r} must be built, and compiled with an optimizer")
        rate = model.optimizer.get_config()["learning_rate"]
        if not isinstance(rate, float):
            raise ValueError(
                f"the optimizer's rate must be a number, got {rate!r}: pass its values as rates"
            )
        self.model = model
        model.optimizer.build(model.trainable_variables)
        self._fresh_optimizer = [v.numpy() for v in model.optimizer.variables]
        self._compiled = {}

    def restart(self, weights: Sequence[ArrayLike]) -> None:
        """Give the model these weights, and the optimizer the state of a new one.

        Parameters
        ----------
        weights : sequence of array_like
            As ``model.get_weights`` of a model of the same shape returns them: another seed
            needs no other compiled computation.
        """
        self.model.set_weights(weights)
        for variable, fresh in zip(
            self.model.optimizer.variables, self._fresh_optimizer, strict=True
        ):
            variable.assign(fresh)

    def run(
        self, x: ArrayLike, labels: ArrayLike, *, rates: ArrayLike, batches: ArrayLike
    ) -> NDArray[np.float32]:
        """Train on from where the model is; one step for each rate.

        Parameters
        ----------
        x : array_like, shape (n_rows, ...)
            What the model takes, with its type: images may stay uint8.
        labels : array_like, shape (n_rows, ...)
            What its loss takes.
        rates : array_like of float, shape (n_steps,)
            Learning rate of every step; at least 0.
        batches : array_like of int, shape (n_steps, batch_size)
            Rows that every step sees; see `lecture_utils.batches`.

        Returns
        -------
        ndarray of float32, shape (n_steps,)
            Loss of each step's batch, before its update.

        Raises
        ------
        ValueError
            If shapes do not belong together, a rate is negative or not finite, or a row does
            not exist.
        """
        x, labels = np.asarray(x), np.asarray(labels)
        rates, batches = _checked_steps(len(x), len(labels), rates, batches)
        arguments = (
            tf.constant(x),
            tf.constant(labels),
            tf.constant(rates, tf.float32),
            tf.constant(batches, tf.int32),
        )
        return self._compiled_for(self._steps, arguments)(*arguments).numpy()

    def _compiled_for(self, function: Callable, arguments: Sequence[tf.Tensor]) -> Callable:
        """Return a function compiled for arguments like these."""
        # Kept here by shape: a tf.function that is traced several times makes TensorFlow warn.
        specs = tuple(map(tf.TensorSpec.from_tensor, arguments))
        if specs not in self._compiled:
            compiled = tf.function(function, jit_compile=True)
            self._compiled[specs] = compiled.get_concrete_function(*specs)
        return self._compiled[specs]

    def _steps(
        self, x: tf.Tensor, labels: tf.Tensor, rates: tf.Tensor, batches: tf.Tensor
    ) -> tf.Tensor:
        """Take all steps; this is what is compiled."""
        losses = tf.TensorArray(tf.float32, len(rates), element_shape=())
        for step in tf.range(len(rates)):
            rows = batches[step]
            self.model.optimizer.learning_rate.assign(rates[step])
            loss = self._step(tf.gather(x, rows), tf.gather(labels, rows))
            losses = losses.write(step, loss)
        return losses.stack()

    def _step(self, x_batch: tf.Tensor, labels_batch: tf.Tensor) -> tf.Tensor:
        """Take one step; return its loss."""
        model = self.model
        with tf.GradientTape() as tape:
            loss = model.compute_loss(x_batch, labels_batch, model(x_batch, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        model.optimizer.apply(gradients, model.trainable_variables)
        return loss


class StepTraining(CompiledTraining):
    """The training of one model step by step, each step one compiled computation.

    On a CPU, XLA runs convolutions inside a compiled loop about a hundred times slower than
    outside of it. XLA has no repeatable gradient of max pooling; take strides or average pooling.

    Parameters and errors are those of `CompiledTraining`.

    Examples
    --------
    >>> from lecture_utils.batches import batch_order
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(optimizer="sgd", loss="mean_squared_error")
    >>> x, y = np.array([[0.0], [1.0], [2.0], [3.0]], np.float32), np.array([1.0, 3.0, 5.0, 7.0])
    >>> order = batch_order(4, batch_size=2, n_steps=500, rng=np.random.default_rng(0))
    >>> losses = StepTraining(model).run(x, y, rates=np.full(500, 0.1), batches=order)
    >>> [weight.round(3).tolist() for weight in model.get_weights()]
    [[[2.0]], [1.0]]
    """

    def run(
        self,
        x: NDArray,
        labels: NDArray,
        *,
        rates: ArrayLike,
        batches: ArrayLike,
        change: Callable[[NDArray], NDArray] | None = None,
    ) -> NDArray[np.float32]:
        """Train on from where the model is; one step for each rate.

        Parameters
        ----------
        x, labels : ndarray, shape (n_rows, ...)
            As for `CompiledTraining.run`; no copy is made.
        rates, batches : array_like
            As for `CompiledTraining.run`.
        change : callable, optional
            Takes the rows of a batch and returns those that the model sees instead, of the same
            shape: an augmentation.

        Returns
        -------
        ndarray of float32, shape (n_steps,)
            Loss of each step's batch, before its update.

        Raises
        ------
        ValueError
            As for `CompiledTraining.run`.
        """
        rates, batches = _checked_steps(len(x), len(labels), rates, batches)
        losses = np.empty(len(rates), np.float32)
        for k, (rate, rows) in enumerate(zip(rates, batches, strict=True)):
            x_batch = x[rows] if change is None else change(x[rows])
            self.model.optimizer.learning_rate.assign(rate)
            batch = tf.constant(x_batch), tf.constant(labels[rows])
            losses[k] = self._compiled_for(self._step, batch)(*batch)
        return losses


def _checked_steps(
    n_rows: int, n_labels: int, rates: ArrayLike, batches: ArrayLike
) -> tuple[NDArray[np.float64], NDArray]:
    """Return rates and batches as arrays that belong together and to the rows."""
    rates, batches = finite_numbers("rates", rates), np.asarray(batches)
    if (rates < 0).any():
        raise ValueError(f"rates must not be negative, got {rates[rates < 0][0]}")
    if rates.ndim != 1 or batches.ndim != 2 or len(batches) != len(rates):
        raise ValueError(
            "rates must have shape (n_steps,) and batches (n_steps, batch_size), "
            f"got {rates.shape} and {batches.shape}"
        )
    if n_rows != n_labels:
        raise ValueError(f"x and labels must have as many rows, got {n_rows} and {n_labels}")
    outside = (batches < 0) | (batches >= n_rows)
    if outside.any():
        raise ValueError(f"batches must be from 0 to {n_rows - 1}, got {batches[outside][0]}")
    return rates, batches
