"""The course's three data sets: Fashion-MNIST, IMDB reviews and CIFAR-100.

Each loader returns ``(x_train, y_train), (x_test, y_test)`` as `keras.datasets` does, from the
first place that has the data, always in the same order and checked by content.
"""

from lecture_utils.datasets.catalogue import is_available
from lecture_utils.datasets.cifar100 import (
    CIFAR100_COARSE_CLASSES,
    CIFAR100_FINE_CLASSES,
    CIFAR100_FINE_TO_COARSE,
    load_cifar100,
)
from lecture_utils.datasets.errors import DamagedFileError, DataUnavailableError
from lecture_utils.datasets.fashion_mnist import FASHION_MNIST_CLASSES, load_fashion_mnist
from lecture_utils.datasets.imdb import imdb_word_index, load_imdb, load_imdb_text
from lecture_utils.datasets.imdb_words import IMDB_RESERVED

__all__ = [
    "CIFAR100_COARSE_CLASSES",
    "CIFAR100_FINE_CLASSES",
    "CIFAR100_FINE_TO_COARSE",
    "FASHION_MNIST_CLASSES",
    "IMDB_RESERVED",
    "DamagedFileError",
    "DataUnavailableError",
    "imdb_word_index",
    "is_available",
    "load_cifar100",
    "load_fashion_mnist",
    "load_imdb",
    "load_imdb_text",
]
