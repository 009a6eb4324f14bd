"""Fashion-MNIST: 70,000 pictures of clothes, and a sample of them that ships with this package."""

from pathlib import Path

import numpy as np

from lecture_utils.datasets import prepared
from lecture_utils.datasets.dataset import Dataset, Places
from lecture_utils.datasets.errors import DamagedFileError
from lecture_utils.datasets.official_files import OfficialFile
from lecture_utils.datasets.sources import obtain
from lecture_utils.datasets.unwrap import read_idx

FASHION_MNIST_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

_BASE_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_SAMPLE_FOLDER = Path(__file__).parents[1] / "data" / "fashion_mnist_sample"
_SAMPLE_DIGEST = "6caff87b8a25c7423fd6923e5e240d1f0313ad04703330d0fb654ee8d6dfc79a"


def read_fashion_mnist(
    train_images: Path, train_labels: Path, test_images: Path, test_labels: Path
) -> dict[str, np.ndarray]:
    """Read the four official files, in their original order.

    Parameters
    ----------
    train_images, train_labels, test_images, test_labels : pathlib.Path
        IDX files under any wrapper.

    Returns
    -------
    dict of str to numpy.ndarray
        ``x_train`` (60000, 28, 28), ``y_train`` (60000,), ``x_test`` (10000, 28, 28) and ``y_test``
        (10000,), all uint8.

    Raises
    ------
    DamagedFileError
        A file is not such an IDX file.

    Examples
    --------
    >>> read_fashion_mnist(*[Path("no-such-file")] * 4)
    Traceback (most recent call last):
        ...
    FileNotFoundError: [Errno 2] No such file or directory: 'no-such-file'
    """
    return {
        "x_train": read_idx(train_images, (60_000, 28, 28)),
        "y_train": read_idx(train_labels, (60_000,)),
        "x_test": read_idx(test_images, (10_000, 28, 28)),
        "y_test": read_idx(test_labels, (10_000,)),
    }


FASHION_MNIST = Dataset(
    name="fashion_mnist",
    title="Fashion-MNIST",
    licence="MIT",
    files=(
        OfficialFile(
            url=_BASE_URL + "train-images-idx3-ubyte.gz",
            md5="8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            size=26_421_880,
        ),
        OfficialFile(
            url=_BASE_URL + "train-labels-idx1-ubyte.gz",
            md5="25c81989df183df01b3e8a0aad5dffbe",
            size=29_515,
        ),
        OfficialFile(
            url=_BASE_URL + "t10k-images-idx3-ubyte.gz",
            md5="bef4ecab320f06d8554ea6380940ec79",
            size=4_422_102,
        ),
        OfficialFile(
            url=_BASE_URL + "t10k-labels-idx1-ubyte.gz",
            md5="bb300cfdad3c16e7a12a480ee83cd310",
            size=5_148,
        ),
    ),
    read=read_fashion_mnist,
    digest="37e5852d33933792bfddacf387e185c9c3d87fa20c45417517512181f092a44a",
    subfolder="fashion-mnist",
    system_folders=(Path("/usr/share/datasets/fashion-mnist"),),
    alternative=(
        "install Debian's package dataset-fashion-mnist, or do with the sample: "
        "load_fashion_mnist(sample=True)"
    ),
)


def load_fashion_mnist(
    sample: bool = False,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Load Fashion-MNIST, whole or as a small stratified sample.

    Same meaning, shapes, types and order as `keras.datasets.fashion_mnist.load_data` gives.

    Parameters
    ----------
    sample : bool, default False
        Load 5,000 + 1,000 images that ship with this package (500 and 100 of each class, in their
        original order) in place of 60,000 + 10,000. Needs no network and no other file.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Images, uint8 grey levels 0-255 (0 is the background), shape (n, 28, 28); class numbers,
        uint8, shape (n,), see `FASHION_MNIST_CLASSES`. The arrays are read-only.

    Raises
    ------
    DataUnavailableError
        The whole set is nowhere to be had; the message says what helps.
    DamagedFileError
        The sample of this installation is damaged.

    Notes
    -----
    Source: Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine
    Learning Algorithms", arXiv:1708.07747. MIT licence, copyright 2017 Zalando SE.

    Examples
    --------
    >>> (x_train, y_train), (x_test, y_test) = load_fashion_mnist(sample=True)
    >>> x_train.shape, x_test.shape, x_train.dtype
    ((5000, 28, 28), (1000, 28, 28), dtype('uint8'))
    >>> FASHION_MNIST_CLASSES[y_test[0]]
    'Bag'
    """
    arrays = _load_sample() if sample else obtain(FASHION_MNIST, Places.from_environment())
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def _load_sample() -> dict[str, np.ndarray]:
    try:
        arrays = prepared.read(_SAMPLE_FOLDER)
    except FileNotFoundError as error:
        raise DamagedFileError(f"the sample is missing from this installation: {error}") from error
    if prepared.content_digest(arrays) != _SAMPLE_DIGEST:
        raise DamagedFileError(f"{_SAMPLE_FOLDER} does not hold the sample of Fashion-MNIST")
    return arrays
