"""Start a chapter: a silent TensorFlow, seeds, repeatable operations and the figure style."""

import os
import sys

import matplotlib.pyplot as plt

#: Must be set before TensorFlow is imported. The first silences its C++ log; the second
#: switches off the oneDNN kernels, whose results differ more between processors; the third is for
#: those whose Keras computes with another library.
TENSORFLOW_ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "KERAS_BACKEND": "tensorflow",
}


def start(seed: int) -> None:
    """Make what follows silent and repeatable, and set the figure style of the course.

    Seeds Python, NumPy and Keras with `seed`, makes TensorFlow choose deterministic
    operations, and applies ``lecture_utils/lecture.mplstyle``. Call it once, in the first
    cell, before TensorFlow or Keras is imported.

    Parameters
    ----------
    seed : int
        From 0 to 2**32 - 1.

    Raises
    ------
    TypeError
        If `seed` is not an integer.
    ValueError
        If `seed` is out of range.
    RuntimeError
        If TensorFlow was imported earlier without the settings that must precede its import.

    Notes
    -----
    Two runs on one machine then agree to the last digit, and two machines agree in the
    digits that the course prints; the tests of the chapters check both.

    Examples
    --------
    >>> start(seed=0)
    >>> import keras
    >>> first = keras.random.normal((3,))
    >>> start(seed=0)
    >>> bool((first == keras.random.normal((3,))).numpy().all())
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"seed must be an integer, got {seed!r}")
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must be from 0 to 2**32 - 1, got {seed}")
    unset = [k for k, v in TENSORFLOW_ENVIRONMENT.items() if os.environ.get(k) != v]
    if unset and "tensorflow" in sys.modules:
        raise RuntimeError(
            f"TensorFlow was imported before runtime.start could set {', '.join(unset)}: "
            "restart the kernel and call runtime.start first"
        )
    os.environ.update(TENSORFLOW_ENVIRONMENT)

    import keras
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)
    plt.style.use("lecture_utils.lecture")
