"""A small network that has learned 80 of the 100 classes of CIFAR-100, as arrays."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lecture_utils.datasets.errors import DamagedFileError

WEIGHTS_FILE = Path(__file__).parents[1] / "data" / "cifar100_network" / "weights.npz"

#: SHA-256 of the content, that is of names, types, shapes and bytes (see `content_digest`).
DIGEST = "3fa46379bebf74fcc6d34b4188e850a11e85201c0411276b5b76a95f7d6d2b70"


def load_cifar100_network(file: Path = WEIGHTS_FILE) -> dict[str, NDArray]:
    """Load the network that chapter 15 uses: three convolutions and one dense layer.

    It takes pictures of 32 x 32 pixels, ``x / 64 - 2`` of intensities from 0 to 255. Three times
    follow a convolution of stride 2 with padding ("same") and no bias, batch normalization
    (epsilon 0.001) and ReLU; then the 4 x 4 x 96 numbers are flattened to 1,536 features, from
    which the head makes 80 scores.

    Parameters
    ----------
    file : Path
        Where the arrays lie.

    Returns
    -------
    dict of str to ndarray
        In this order, which is that of ``get_weights`` of the Keras model, for k = 1, 2, 3:
        ``convolution_k_kernel`` (4, 4, 3, 16), (3, 3, 16, 48), (3, 3, 48, 96), and
        ``normalization_k_scale``, ``..._shift``, ``..._mean``, ``..._variance`` (n_filters,);
        then ``head_kernel`` (1536, 80) and ``head_bias`` (80,), all float32; at last
        ``source_classes`` (80,), uint8: the fine class of CIFAR-100 that each score means.

    Raises
    ------
    DamagedFileError
        The file is missing, cannot be read, or does not hold what was published.

    Notes
    -----
    Made by ``experiments/15_transfer_learning.py``; ``lecture_utils/data/cifar100_network``
    says how. The file holds half precision (float16) and no pickle, so that loading it cannot
    run code. That the arrays make the network described here is checked against Keras.

    Examples
    --------
    >>> network = load_cifar100_network()
    >>> network["convolution_1_kernel"].shape, network["head_kernel"].shape
    ((4, 4, 3, 16), (1536, 80))
    >>> sum(array.size for name, array in network.items() if name != "source_classes")
    172752
    """
    try:
        with np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except Exception as error:  # zipfile, zlib and NumPy raise a dozen kinds for damaged files
        raise DamagedFileError(f"{file} cannot be read: {error}") from error
    found = content_digest(arrays)
    if found != DIGEST:
        raise DamagedFileError(f"{file} is not the published one: its content has SHA-256 {found}")
    return {
        name: array.astype(np.float32) if array.dtype == np.float16 else array
        for name, array in arrays.items()
    }


def content_digest(arrays: dict[str, NDArray]) -> str:
    """Return the SHA-256 of named arrays, whatever the file around them.

    Parameters
    ----------
    arrays : dict of str to ndarray
        In their order.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> one = content_digest({"a": np.zeros(2), "b": np.ones(1)})
    >>> one == content_digest({"a": np.zeros(2), "b": np.ones(1)})
    True
    >>> one == content_digest({"b": np.ones(1), "a": np.zeros(2)})
    False
    """
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
