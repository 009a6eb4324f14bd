"""The eight rows of share prices that the lecture's lab is made of."""

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
