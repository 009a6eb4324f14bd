"""Start a page: repeatable and silent, with the threads of the build and the course's figures."""

import os
import random
import sys

import numpy as np
from threadpoolctl import threadpool_limits

from lecture_utils.figure_style import use_figure_style
from lecture_utils.loaded_files import give_back_file_pages

#: Must be set before TensorFlow is imported. The first silences its C++ log; the second
#: switches off the oneDNN kernels, whose results differ more between processors; the third is for
#: those whose Keras computes with another library.
TENSORFLOW_ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "KERAS_BACKEND": "tensorflow",
}

#: Where numerical libraries read, when they are loaded, how many threads they may use.
THREAD_VARIABLES = (
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def start(seed: int) -> None:
    """Make what follows repeatable, and set the figure style of the course.

    Seeds Python and NumPy with `seed`, gives every numerical library one thread, and applies
    ``lecture_utils/lecture.mplstyle``. Call it once, in the first cell of a page that needs
    neither Keras nor TensorFlow; it imports none of them.

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
        If TensorFlow or Keras was imported earlier without the settings that must precede it.

    Notes
    -----
    With one thread the order of additions does not depend on the number of cores, so that a
    reader's kernel gives the digits of the page. The variable ``LECTURE_THREADS`` in the
    environment asks for another number.

    Examples
    --------
    >>> start(seed=0)
    >>> first = random.random()
    >>> start(seed=0)
    >>> random.random() == first
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"seed must be an integer, got {seed!r}")
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must be from 0 to 2**32 - 1, got {seed}")
    threads = os.environ.get("LECTURE_THREADS", "1")
    settings = TENSORFLOW_ENVIRONMENT | dict.fromkeys(THREAD_VARIABLES, threads)
    unset = [name for name, value in settings.items() if os.environ.get(name) != value]
    if unset and ("tensorflow" in sys.modules or "keras" in sys.modules):
        raise RuntimeError(
            f"TensorFlow was imported before lecture_utils.runtime could set {', '.join(unset)}: "
            "restart the kernel and run the page from its first cell"
        )
    os.environ.update(settings)
    threadpool_limits(int(threads))  # what is loaded already has read its variable
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - what scikit-learn draws from when it is given no seed
    use_figure_style()


def start_keras(seed: int) -> None:
    """Do what `start` does, and make Keras and TensorFlow repeatable and silent.

    Seeds Keras as well, and makes TensorFlow choose deterministic operations. Call it instead of
    `start`, before TensorFlow or Keras is imported: it takes some seconds and 300 MB of memory.

    Parameters
    ----------
    seed : int
        From 0 to 2**32 - 1.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As `start`.

    Notes
    -----
    Two runs on one machine then agree to the last digit, and two machines agree in the
    digits that the course prints; the tests of the chapters check both.

    Examples
    --------
    >>> start_keras(seed=0)
    >>> import keras
    >>> first = keras.random.normal((3,))
    >>> start_keras(seed=0)
    >>> bool((first == keras.random.normal((3,))).numpy().all())
    True
    """
    start(seed)

    import keras
    import tensorflow as tf

    give_back_file_pages()
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)
