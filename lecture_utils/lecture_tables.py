"""The two small tables that the lecture's labs are made of."""

import numpy as np
from numpy.typing import NDArray

#: What the columns of `stock_rows` are. The lecture predicts the last from the others.
STOCK_COLUMNS = ("open", "high", "volume", "low", "close")

_STOCK_ROWS = (
    (828.659973, 833.450012, 908100, 828.349976, 831.659973),
    (823.02002, 828.070007, 1828100, 821.655029, 828.070007),
    (819.929993, 824.400024, 1438100, 818.97998, 824.159973),
    (816, 820.958984, 1008100, 815.48999, 819.23999),
    (819.359985, 823, 1188100, 818.469971, 818.97998),
    (819, 823, 1198100, 816, 820.450012),
    (811.700012, 815.25, 1098100, 809.780029, 813.669983),
    (809.51001, 816.659973, 1398100, 804.539978, 809.559998),
)


#: Inputs and classes of the learning-rate lab: eight rows to train on, three to test.
_RATE_LAB_TRAIN = (
    ((1, 2, 1), 2),
    ((1, 3, 2), 2),
    ((1, 3, 4), 2),
    ((1, 5, 5), 1),
    ((1, 7, 5), 1),
    ((1, 2, 5), 1),
    ((1, 6, 6), 0),
    ((1, 7, 7), 0),
)
_RATE_LAB_TEST = (((2, 1, 1), 2), ((3, 1, 2), 2), ((3, 3, 4), 2))

#: What ``tf.random.normal`` draws after ``tf.random.set_seed(777)``: weights (3, 3), then biases.
_RATE_LAB_WEIGHTS = (
    (0.7706481, 0.37335402, -0.055763233),
    (0.0035837744, -0.5898363, 1.5702795),
    (0.2460895, -0.09918973, 1.4418385),
)
_RATE_LAB_BIASES = (-1.3080608, -0.13253094, 0.5513761)


def stock_rows() -> NDArray[np.float64]:
    """Return the table of the lecture's stock lab.

    Returns
    -------
    ndarray of float64, shape (8, 5)
        One row a day, the newest first; columns as in `STOCK_COLUMNS`. Prices in dollars,
        volume in shares. A new array at every call.

    Notes
    -----
    As printed in the lecture note.

    Examples
    --------
    >>> dict(zip(STOCK_COLUMNS, stock_rows()[0].tolist()))["volume"]
    908100.0
    """
    return np.array(_STOCK_ROWS)


def rate_lab() -> tuple[
    tuple[NDArray[np.float64], NDArray[np.int64]], tuple[NDArray[np.float64], NDArray[np.int64]]
]:
    """Return the points of the lecture's learning-rate lab, for softmax regression.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Eight and three rows of three features, float64, and their classes 0, 1 or 2, int64. All
        three test rows are of class 2: always to answer 2 scores 100 % there. New arrays at
        every call.

    Notes
    -----
    From the lab that belongs to the lecture; the note itself does not print them.

    Examples
    --------
    >>> (x_train, y_train), (x_test, y_test) = rate_lab()
    >>> x_train.shape, y_test.tolist()
    ((8, 3), [2, 2, 2])
    """
    (x_train, y_train), (x_test, y_test) = (
        tuple(zip(*rows, strict=True)) for rows in (_RATE_LAB_TRAIN, _RATE_LAB_TEST)
    )
    return (
        (np.array(x_train, float), np.array(y_train, np.int64)),
        (np.array(x_test, float), np.array(y_test, np.int64)),
    )


def rate_lab_start() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the weights and biases from which the learning-rate lab starts.

    Returns
    -------
    w, b : ndarray of float32, shapes (3, 3) and (3,)
        Kernel (features, classes) and biases. New arrays at every call.

    Notes
    -----
    The lab draws them by TensorFlow with the seed 777; stored here so that they can be had
    without it.

    Examples
    --------
    >>> w, b = rate_lab_start()
    >>> w.shape, b.shape
    ((3, 3), (3,))
    """
    return np.array(_RATE_LAB_WEIGHTS, np.float32), np.array(_RATE_LAB_BIASES, np.float32)
