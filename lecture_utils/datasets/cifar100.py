"""CIFAR-100: 60,000 colour pictures of 100 fine classes, which form 20 coarse ones."""

import hashlib
import re
from pathlib import Path

import numpy as np

from lecture_utils.datasets.dataset import Dataset, Places
from lecture_utils.datasets.errors import DamagedFileError
from lecture_utils.datasets.official_files import OfficialFile
from lecture_utils.datasets.sources import obtain
from lecture_utils.datasets.unwrap import iterate_members, read_exactly

# fmt: off
CIFAR100_FINE_CLASSES = (
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle",
    "bowl", "boy", "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle",
    "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab", "crocodile", "cup",
    "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house",
    "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man",
    "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid",
    "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy",
    "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal",
    "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar",
    "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor",
    "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman",
    "worm",
)
CIFAR100_COARSE_CLASSES = (
    "aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables",
    "household_electrical_devices", "household_furniture", "insects", "large_carnivores",
    "large_man-made_outdoor_things", "large_natural_outdoor_scenes",
    "large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates", "people",
    "reptiles", "small_mammals", "trees", "vehicles_1", "vehicles_2",
)
# Position: number of the fine class; value: number of the coarse class that it belongs to.
CIFAR100_FINE_TO_COARSE = (
    4, 1, 14, 8, 0, 6, 7, 7, 18, 3, 3, 14, 9, 18, 7, 11, 3, 9, 7, 11, 6, 11, 5, 10, 7,
    6, 13, 15, 3, 15, 0, 11, 1, 10, 12, 14, 16, 9, 11, 5, 5, 19, 8, 8, 15, 13, 14, 17, 18, 10,
    16, 4, 17, 4, 2, 0, 17, 4, 18, 17, 10, 3, 2, 12, 12, 16, 12, 1, 9, 19, 2, 10, 0, 1, 16,
    12, 9, 13, 15, 13, 16, 19, 2, 4, 6, 19, 5, 5, 8, 19, 18, 1, 2, 15, 6, 0, 17, 8, 14, 13,
)
# fmt: on

_MEMBER = re.compile(r"cifar-100-binary/(train|test)\.bin")
_N_PIXELS = 3 * 32 * 32  # one byte each, channel by channel, row by row
_RECORD = 2 + _N_PIXELS  # coarse class, fine class, pixels


def read_cifar100(
    archive: Path, n_train: int = 50_000, n_test: int = 10_000
) -> dict[str, np.ndarray]:
    """Read the official binary release, and put its records into an order of their own content.

    Releases differ in the order of the records, so the records are sorted: by the SHA-256 of the
    pixels, then by fine and coarse class, since some pictures occur twice with different classes.
    A sort by the pixels themselves would put dark pictures first, and the first thousand, or the
    last tenth that `fit` takes for validation, would be no fair sample. The hash shuffles.

    Parameters
    ----------
    archive : pathlib.Path
        ``cifar-100-binary.tar`` under any wrapper, or the unpacked folder.
    n_train, n_test : int
        Number of records that the two files must hold.

    Returns
    -------
    dict of str to numpy.ndarray
        For each split, ``x_...`` (n, 32, 32, 3), ``fine_...`` (n,) and ``coarse_...`` (n,), uint8.

    Raises
    ------
    DamagedFileError
        A file is missing from the archive, or is too short or too long.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as scratch:
    ...     folder = Path(scratch, "cifar-100-binary")
    ...     folder.mkdir()
    ...     for split in ("train", "test"):
    ...         _ = (folder / f"{split}.bin").write_bytes(bytes([4, 0]) + bytes(3072))
    ...     read_cifar100(folder, n_train=1, n_test=1)["x_train"].shape
    (1, 32, 32, 3)
    """
    n_records = {"train": n_train, "test": n_test}
    arrays = {}
    for (split,), stream in iterate_members(archive, _MEMBER):
        size = n_records[split] * _RECORD
        content = read_exactly(stream, size, f"{split}.bin in {archive}")
        records = np.frombuffer(content, np.uint8).reshape(-1, _RECORD)
        coarse, fine, pixels = records[:, 0], records[:, 1], records[:, 2:]
        keys = [
            (hashlib.sha256(row).digest(), *classes)
            for row, *classes in zip(pixels, fine.tolist(), coarse.tolist(), strict=True)
        ]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        channels_first = pixels.reshape(-1, 3, 32, 32)
        images = np.empty((len(keys), 32, 32, 3), np.uint8)
        for position, record in enumerate(order):  # one by one: no second copy of the whole set
            images[position] = channels_first[record].transpose(1, 2, 0)
        arrays |= {
            f"x_{split}": images,
            f"fine_{split}": fine[order],
            f"coarse_{split}": coarse[order],
        }
    missing = [f"{split}.bin" for split in n_records if f"x_{split}" not in arrays]
    if missing:
        raise DamagedFileError(f"{archive} holds no {' and no '.join(missing)}")
    return arrays


CIFAR100 = Dataset(
    name="cifar100",
    title="CIFAR-100",
    licence="none stated; its authors ask to be cited",
    files=(
        OfficialFile(
            url="https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
            md5="03b5dce01913d631647c71ecec9e9cb8",
            size=168_513_733,
            unpacked="cifar-100-binary",
        ),
    ),
    read=read_cifar100,
    digest="88feb1b64615b1f60731cbe4e0fc3fa1273eb7f40365e17824a4094ac7a85a9a",
)


def load_cifar100(
    label_mode: str = "fine",
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Load CIFAR-100.

    Same meaning, shapes and types as `keras.datasets.cifar100.load_data` gives; the order is the
    same from every source, but not Keras': that of the SHA-256 of the pixels, which shuffles.

    Parameters
    ----------
    label_mode : {"fine", "coarse"}
        Which classes to give: 100 fine or 20 coarse ones.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Images, uint8 intensities 0-255, shape (n, 32, 32, 3), red, green, blue; class numbers,
        int64, shape (n, 1), see `CIFAR100_FINE_CLASSES` and `CIFAR100_COARSE_CLASSES`. n is 50,000
        and 10,000. The images are read-only.

    Raises
    ------
    ValueError
        `label_mode` is neither of the two.
    DataUnavailableError
        The data is nowhere to be had; the message says what helps.

    Notes
    -----
    Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, the binary
    release. The Python release holds the same data as a pickle, which can run code when loaded.

    Examples
    --------
    >>> load_cifar100(label_mode="medium")
    Traceback (most recent call last):
        ...
    ValueError: label_mode must be 'fine' or 'coarse', not 'medium'
    >>> CIFAR100_COARSE_CLASSES[CIFAR100_FINE_TO_COARSE[CIFAR100_FINE_CLASSES.index("trout")]]
    'fish'
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(f"label_mode must be 'fine' or 'coarse', not {label_mode!r}")
    arrays = obtain(CIFAR100, Places.from_environment())
    y_train, y_test = (
        arrays[f"{label_mode}_{split}"].astype(np.int64)[:, np.newaxis]
        for split in ("train", "test")
    )
    return (arrays["x_train"], y_train), (arrays["x_test"], y_test)
