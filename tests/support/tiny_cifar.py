"""A few made-up records in the layout of the official binary release of CIFAR-100."""

from pathlib import Path

import numpy as np

from lecture_utils.datasets import CIFAR100_FINE_TO_COARSE


def cifar_records(n: int, seed: int) -> np.ndarray:
    records = np.random.default_rng(seed).integers(0, 256, (n, 3074), dtype=np.uint8)
    records[:, 1] %= 100
    records[:, 0] = np.array(CIFAR100_FINE_TO_COARSE)[records[:, 1]]
    return records


def write_cifar(folder: Path, train: np.ndarray, test: np.ndarray) -> Path:
    folder = folder / "cifar-100-binary"
    folder.mkdir(parents=True)
    for name, records in (("train", train), ("test", test)):
        (folder / f"{name}.bin").write_bytes(records.tobytes())
    return folder
