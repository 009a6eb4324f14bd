"""The data sets by name."""

from lecture_utils.datasets.cifar100 import CIFAR100
from lecture_utils.datasets.dataset import Places
from lecture_utils.datasets.fashion_mnist import FASHION_MNIST
from lecture_utils.datasets.imdb import IMDB
from lecture_utils.datasets.sources import locate

CATALOGUE = {dataset.name: dataset for dataset in (FASHION_MNIST, IMDB, CIFAR100)}


def is_available(name: str) -> bool:
    """Whether a data set can be loaded without a network.

    Looks for files and their sizes only, so that it is fast; a load checks every byte.

    Parameters
    ----------
    name : {"fashion_mnist", "imdb", "cifar100"}
        Which data set.

    Returns
    -------
    bool
        True when the prepared cache, ``LECTURE_DATA_DIR``, a system package or an earlier download
        has it.

    Raises
    ------
    ValueError
        There is no such data set.

    Examples
    --------
    >>> is_available("mnist")
    Traceback (most recent call last):
        ...
    ValueError: no data set is called 'mnist'; there are fashion_mnist, imdb, cifar100
    """
    if name not in CATALOGUE:
        raise ValueError(f"no data set is called {name!r}; there are {', '.join(CATALOGUE)}")
    return locate(CATALOGUE[name], Places.from_environment()) is not None
