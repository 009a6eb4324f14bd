"""Prepared folders: arrays as ``.npy`` files that are checked, then memory-mapped.

A prepared folder holds one ``.npy`` file per array and ``manifest.json`` with the size and the
CRC-32 of each file. The manifest is written last, and every file is moved into place in one step,
so a reader sees the old state or the new one; anything between fails its check and is repaired.

CRC-32 finds every flipped byte with certainty and runs at more than 1 GB/s, so that each load can
afford it. It guards against accidents, not against forgery: whoever can write to the cache can also
change this program.
"""

import json
import shutil
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lecture_utils.datasets.errors import DamagedFileError

MANIFEST = "manifest.json"
_FORMAT = 1
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Origin:
    """Where prepared arrays come from, and which of them the digest covers.

    Parameters
    ----------
    digest : str
        `content_digest` of the arrays named in `content`.
    content : tuple of str
        The arrays that hold the data itself; the others are computed from them.
    source : str
        One phrase for people: the folder or address that was read.
    """

    digest: str
    content: tuple[str, ...]
    source: str


def content_digest(arrays: Mapping[str, np.ndarray]) -> str:
    """Digest of what arrays hold, whatever file or wrapper they came from.

    Parameters
    ----------
    arrays : mapping of str to numpy.ndarray
        Arrays of plain numbers, in any insertion order.

    Returns
    -------
    str
        SHA-256 (64 hexadecimal digits) over name, type, shape and values of each array, by name.

    Examples
    --------
    >>> import numpy as np
    >>> one = content_digest({"a": np.arange(3, dtype="u1"), "b": np.zeros(2, dtype="u1")})
    >>> two = content_digest({"b": np.zeros(2, dtype="u1"), "a": np.arange(3, dtype="u1")})
    >>> one == two
    True
    >>> one == content_digest({"a": np.arange(3, dtype="u2"), "b": np.zeros(2, dtype="u1")})
    False
    """
    total = sha256()
    for name in sorted(arrays):
        array = arrays[name]
        total.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        total.update(_raw(array))
    return total.hexdigest()


def write(folder: Path, arrays: Mapping[str, np.ndarray], origin: Origin) -> None:
    """Write arrays as a prepared folder; a reader never sees a half-written file.

    Parameters
    ----------
    folder : pathlib.Path
        Created when missing. Files in it that are replaced disappear only when the new ones are
        complete.
    arrays : mapping of str to numpy.ndarray
        Names must be usable as file names.
    origin : Origin
        Goes into the manifest.

    Raises
    ------
    OSError
        The folder cannot be written, or the disk is full. What was there before is still there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as scratch:
    ...     folder = Path(scratch) / "tiny"
    ...     write(folder, {"x": np.arange(3)}, Origin("", ("x",), "a doctest"))
    ...     read(folder)["x"].tolist()
    [0, 1, 2]
    """
    folder.mkdir(parents=True, exist_ok=True)
    for orphan in folder.glob("unfinished-*"):  # of a process that was killed; ours has the lock
        shutil.rmtree(orphan, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="unfinished-", dir=folder) as unfinished:
        entries = {}
        for name, array in arrays.items():
            entries[name] = _write_array(Path(unfinished, f"{name}.npy"), array)
        manifest = {"format": _FORMAT, "origin": asdict(origin), "arrays": entries}
        manifest["crc32"] = _checksum(manifest)
        Path(unfinished, MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
        for name in [*(f"{name}.npy" for name in arrays), MANIFEST]:
            Path(unfinished, name).replace(folder / name)


def read(folder: Path) -> dict[str, np.ndarray]:
    """Check every byte of a prepared folder, then map its arrays into memory.

    The check reads in small pieces, so it needs no memory to speak of; a mapped array takes memory
    only where it is touched, and processes share it.

    Parameters
    ----------
    folder : pathlib.Path
        A folder that `write` made.

    Returns
    -------
    dict of str to numpy.ndarray
        Read-only arrays.

    Raises
    ------
    FileNotFoundError
        Nothing was prepared here.
    DamagedFileError
        A file is missing, has another size, or a byte of it changed.

    Examples
    --------
    >>> read(Path("no-such-folder"))
    Traceback (most recent call last):
        ...
    FileNotFoundError: nothing is prepared in no-such-folder
    """
    entries = _manifest(folder)["arrays"]
    arrays = {}
    for name, entry in entries.items():
        path = folder / f"{name}.npy"
        try:
            with path.open("rb") as file:
                if _measure(file) != entry:
                    raise DamagedFileError(f"{path} changed since it was written")
            # Pickled objects could run code, so a file that asks for them is refused.
            mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise DamagedFileError(f"{path} is damaged: {error}") from error
        arrays[name] = np.asarray(mapped)  # an ordinary array, as every other source gives
    return arrays


def read_origin(folder: Path) -> Origin:
    """Tell where the arrays of a prepared folder came from, without reading them.

    Parameters
    ----------
    folder : pathlib.Path
        A folder that `write` made.

    Returns
    -------
    Origin
        As it was given to `write`.

    Raises
    ------
    FileNotFoundError
        Nothing was prepared here.
    DamagedFileError
        The manifest cannot be read, or a file is missing or has another size. Whether the bytes
        are right, only `read` knows.

    Examples
    --------
    >>> read_origin(Path("no-such-folder"))
    Traceback (most recent call last):
        ...
    FileNotFoundError: nothing is prepared in no-such-folder
    """
    manifest = _manifest(folder)
    for name, entry in manifest["arrays"].items():
        path = folder / f"{name}.npy"
        if not path.is_file() or path.stat().st_size != entry["size"]:
            raise DamagedFileError(f"{path} is missing or incomplete")
    origin = manifest["origin"]
    return Origin(origin["digest"], tuple(origin["content"]), origin["source"])


def _manifest(folder: Path) -> dict:
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        intact = manifest["format"] == _FORMAT and manifest.pop("crc32") == _checksum(manifest)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(f"nothing is prepared in {folder}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedFileError(f"{folder / MANIFEST} cannot be read: {error!r}") from error
    if not intact:
        raise DamagedFileError(f"{folder / MANIFEST} changed since it was written")
    return manifest


def _checksum(manifest: dict) -> int:
    return zlib.crc32(json.dumps(manifest, sort_keys=True).encode())


def _write_array(path: Path, array: np.ndarray) -> dict[str, int]:
    if array.dtype.hasobject:
        raise TypeError(f"{path.stem} holds Python objects, which a .npy file would have to pickle")
    header = BytesIO()
    description = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
    np.lib.format.write_array_header_1_0(header, description)
    # Written by hand and not by np.save, which can miss an error at the last flush on a full disk.
    with path.open("wb") as file:
        checksum = 0
        for part in (header.getvalue(), _raw(array)):
            file.write(part)
            checksum = zlib.crc32(part, checksum)
    return {"size": path.stat().st_size, "crc32": checksum}


def _raw(array: np.ndarray) -> np.ndarray:
    return np.asarray(array, order="C").reshape(-1).view(np.uint8)


def _measure(file: BinaryIO) -> dict[str, int]:
    size = checksum = 0
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        checksum = zlib.crc32(chunk, checksum)
    return {"size": size, "crc32": checksum}
