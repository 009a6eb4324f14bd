"""Draw the sample of Fashion-MNIST that ships inside the package.

Usage: python scripts/make_fashion_sample.py [TARGET_FOLDER]

From each class of each split it takes the images with the smallest SHA-256 of their 784 bytes: 500
for training, 100 for testing. The draw has nothing to do with what a picture shows, needs no random
generator, and gives the same files with every version of Python and NumPy. The images keep the
order they have in the full set. The full set comes from Debian's package dataset-fashion-mnist or
from any other source that `lecture_utils.datasets` knows.
"""

import hashlib
from pathlib import Path

import numpy as np

from lecture_utils.datasets import FASHION_MNIST_CLASSES, load_fashion_mnist, prepared

TARGET = Path(__file__).parents[1] / "lecture_utils" / "data" / "fashion_mnist_sample"
N_PER_CLASS = {"train": 500, "test": 100}


def draw(images: np.ndarray, labels: np.ndarray, n_per_class: int) -> np.ndarray:
    """Positions of the sampled images, ascending.

    Parameters
    ----------
    images : numpy.ndarray
        Pictures, shape (n, 28, 28), uint8.
    labels : numpy.ndarray
        Class numbers, shape (n,).
    n_per_class : int
        How many to take of each class.

    Returns
    -------
    numpy.ndarray
        Positions, shape (10 * n_per_class,).
    """
    digests = [hashlib.sha256(image.tobytes()).digest() for image in images]
    chosen = [
        sorted(np.flatnonzero(labels == label), key=digests.__getitem__)[:n_per_class]
        for label in range(len(FASHION_MNIST_CLASSES))
    ]
    return np.sort(np.concatenate(chosen))


def main(target: Path) -> None:
    """Write the sample to `target` as a prepared folder, and say its digest."""
    sample = {}
    for split, (images, labels) in zip(N_PER_CLASS, load_fashion_mnist(), strict=True):
        positions = draw(images, labels, N_PER_CLASS[split])
        sample[f"x_{split}"], sample[f"y_{split}"] = images[positions], labels[positions]
    digest = prepared.content_digest(sample)
    source = "Debian package dataset-fashion-mnist, drawn by scripts/make_fashion_sample.py"
    prepared.write(target, sample, prepared.Origin(digest, tuple(sample), source))
    print(f"{target}: content digest {digest}")
