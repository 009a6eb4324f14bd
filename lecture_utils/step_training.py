"""Train a Keras model step by step, each step one compiled computation.

`lecture_utils.training` compiles the loop over the batches too. On a CPU, XLA runs convolutions
inside such a loop about a hundred times slower than outside, so networks with convolutions are
trained here.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers


class StepTraining:
    """The training of one model, its step compiled at the first batch and kept.

    Every step does what a step of ``model.fit`` does: forward pass, loss, gradients, update by
    the model's optimizer. Layers that change while training (dropout, batch normalization) and
    penalties that layers add to the loss are part of it; callbacks and metrics are not.

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

    Notes
    -----
    Agrees with ``model.fit`` on the same batches in the same order, and is faster:
    `lecture_utils.runtime` asks for repeatable operations, and Keras does not compile those. XLA
    has no repeatable gradient of max pooling; take strides or average pooling.

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
        self._compiled = {}

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
        x : ndarray, shape (n_rows, ...)
            What the model takes, with its type: images may stay uint8. No copy is made.
        labels : ndarray, shape (n_rows, ...)
            What its loss takes.
        rates : array_like of float, shape (n_steps,)
            Learning rate of every step; at least 0.
        batches : array_like of int, shape (n_steps, batch_size)
            Rows that every step sees; see `lecture_utils.batches`.
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
            If shapes do not belong together, a rate is negative or not finite, or a row does
            not exist.
        """
        batches, rates = np.asarray(batches), finite_numbers("rates", rates)
        if (rates < 0).any():
            raise ValueError(f"rates must not be negative, got {rates[rates < 0][0]}")
        if rates.ndim != 1 or batches.ndim != 2 or len(batches) != len(rates):
            raise ValueError(
                "rates must have shape (n_steps,) and batches (n_steps, batch_size), "
                f"got {rates.shape} and {batches.shape}"
            )
        if len(x) != len(labels):
            raise ValueError(f"x and labels must have as many rows, got {len(x)} and {len(labels)}")
        outside = (batches < 0) | (batches >= len(x))
        if outside.any():
            raise ValueError(f"batches must be from 0 to {len(x) - 1}, got {batches[outside][0]}")
        losses = np.empty(len(rates), np.float32)
        for k, (rate, rows) in enumerate(zip(rates, batches, strict=True)):
            x_batch = x[rows] if change is None else change(x[rows])
            self.model.optimizer.learning_rate.assign(rate)
            batch = tf.constant(x_batch), tf.constant(labels[rows])
            losses[k] = self._step_for(*map(tf.TensorSpec.from_tensor, batch))(*batch)
        return losses

    def _step_for(self, *specs: tf.TensorSpec) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
        """Return the compiled step for batches like these."""
        # Kept here by shape: a tf.function that is traced several times makes TensorFlow warn.
        if specs not in self._compiled:
            step = tf.function(self._one_step, jit_compile=True)
            self._compiled[specs] = step.get_concrete_function(*specs)
        return self._compiled[specs]

    def _one_step(self, x_batch: tf.Tensor, labels_batch: tf.Tensor) -> tf.Tensor:
        """Take one step; this is what is compiled."""
        model = self.model
        with tf.GradientTape() as tape:
            loss = model.compute_loss(x_batch, labels_batch, model(x_batch, training=True))
        model.optimizer.apply(
            tape.gradient(loss, model.trainable_variables), model.trainable_variables
        )
        return loss
