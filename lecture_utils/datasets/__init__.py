"""The course's three data sets: Fashion-MNIST, IMDB reviews and CIFAR-100.

Each loader returns ``(x_train, y_train), (x_test, y_test)`` as `keras.datasets` does, from the
first place that has the data, always in the same order and checked by content.
"""

from lecture_utils.datasets.errors import DamagedFileError, DataUnavailableError
from lecture_utils.datasets.fashion_mnist import FASHION_MNIST_CLASSES, load_fashion_mnist

__all__ = [
    "FASHION_MNIST_CLASSES",
    "DamagedFileError",
    "DataUnavailableError",
    "load_fashion_mnist",
]
