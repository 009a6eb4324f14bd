"""How much faster the sweep engine is than one eager training after the other.

The task is the lecture's learning rate lab, for 1,000 rates and 1,000 steps. The eager loop is
measured over fewer steps and scaled. Both are measured in turn, so that whatever else the machine
does meets both.
"""

import keras
import numpy as np
import tensorflow as tf

from lecture_utils.machine import (
    exponential_rate,
    matrix_product_rate,
    processor_name,
    seconds,
)
from lecture_utils.sweep import sweep

# The lecture's eight points, three classes.
X = np.array(
    [[1, 2, 1], [1, 3, 2], [1, 3, 4], [1, 5, 5], [1, 7, 5], [1, 2, 5], [1, 6, 6], [1, 7, 7]],
    np.float32,
)
LABELS = np.array([2, 2, 2, 1, 1, 1, 0, 0])
N_CLASSES = 3

SEEDS = [0]
SETTINGS = {
    "n_threads": 1,  # more would have to meet after every operation of every step
    "n_rates": 1000,
    "n_steps": 1000,
    "record_every": 10,
    "lowest_rate": 1e-4,
    "highest_rate": 2.0,
    "eager_steps": 300,
    "eager_warm_up_steps": 50,
    "n_repeats": 7,
}


def eager_seconds(weights: tuple, rate: float, n_steps: int, n_warm_up_steps: int) -> float:
    """Return the seconds that a step of the lecture's loop takes."""
    kernel, bias = (tf.Variable(weight[0]) for weight in weights)
    optimizer = keras.optimizers.SGD(learning_rate=rate)

    def take(n: int) -> None:
        for _ in range(n):
            with tf.GradientTape() as tape:
                logits = tf.matmul(X, kernel) + bias
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=LABELS, logits=logits)
                )
            gradients = tape.gradient(loss, [kernel, bias])
            optimizer.apply_gradients(zip(gradients, [kernel, bias], strict=True))

    take(n_warm_up_steps)
    return seconds(lambda: take(n_steps)) / n_steps


def operations_per_update() -> dict[str, int]:
    """Return how many operations one update of one network takes, by the formulas."""
    n_rows, n_features = X.shape
    logits = n_rows * N_CLASSES
    return {
        # Logits and gradient of the kernel, each a multiplication and an addition a term; bias,
        # maximum, difference, sum, quotient, residual, mean and gradient of the bias: once a
        # logit each; the update of the weights.
        "arithmetic": 2 * 2 * logits * n_features + 8 * logits + 2 * (n_features + 1) * N_CLASSES,
        "exponentials": logits,
    }


def measure(settings: dict = SETTINGS) -> dict:
    """Return seconds of both ways, in turn, and what the machine can attain."""
    rng = np.random.default_rng(SEEDS[0])
    weights = (
        rng.normal(size=(1, 3, N_CLASSES)).astype(np.float32),
        rng.normal(size=(1, N_CLASSES)).astype(np.float32),
    )
    rates = np.geomspace(settings["lowest_rate"], settings["highest_rate"], settings["n_rates"])

    def engine() -> None:
        sweep(
            X, LABELS, weights=weights, rates=rates, n_steps=settings["n_steps"],
            record_every=settings["record_every"],
        )  # fmt: skip

    first = seconds(engine)
    n_updates = settings["n_rates"] * settings["n_steps"]
    eager, compiled = [], []
    for rate in rng.choice(rates, settings["n_repeats"]):
        step = eager_seconds(
            weights, rate, settings["eager_steps"], settings["eager_warm_up_steps"]
        )
        eager.append(n_updates * step)
        compiled.append(float(np.median([seconds(engine) for _ in range(3)])))
    operations = operations_per_update()
    return {
        "processor": processor_name(),
        "n_updates": n_updates,
        "eager_s": eager,
        "compiled_s": compiled,
        "first_call_s": first,
        "operations_per_update": operations,
        "matrix_product_rate_one_core": matrix_product_rate(1),
        "exponential_rate_one_core": exponential_rate(),
    }
