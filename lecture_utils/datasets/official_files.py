"""Official files of a data set, found and read under any wrapper.

A wrapper (``.gz``, ``.xz``, ``.bz2``, ``.tar.*`` or none) is recognised by the first bytes of the
file, not by its name. Archives are read as a stream and never extracted, so that no name inside one
can write anywhere.
"""

import bz2
import gzip
import hashlib
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lecture_utils.datasets.errors import DamagedFileError

_WRAPPERS = (".gz", ".xz", ".bz2")
_OPENERS = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ\x00": lzma.open, b"BZh": bz2.open}
_UNREADABLE = (EOFError, gzip.BadGzipFile, lzma.LZMAError, tarfile.TarError, zlib.error)


@dataclass(frozen=True)
class OfficialFile:
    """One file as its authors publish it.

    Parameters
    ----------
    url : str
        Address of the published file; the last part is its name.
    md5 : str
        Published MD5 of the file with its wrapper, 32 hexadecimal digits.
    size : int
        Size in bytes, to tell people what a download costs.
    unpacked : str
        Name of the folder that the archive holds; empty when the file is no archive.
    """

    url: str
    md5: str
    size: int
    unpacked: str = ""

    @property
    def name(self) -> str:
        """Name of the published file."""
        return self.url.rsplit("/", 1)[-1]

    def find(self, folder: Path) -> Path:
        """Path of this file in a folder, under whatever wrapper it has there.

        Parameters
        ----------
        folder : pathlib.Path
            The folder to look into.

        Returns
        -------
        pathlib.Path
            The file, or the folder that unpacking the archive gives.

        Raises
        ------
        FileNotFoundError
            The file is not there under any wrapper.

        Examples
        --------
        >>> reviews = OfficialFile("https://example.org/reviews.tar.gz", "", 0, "reviews")
        >>> reviews.find(Path("no-such-folder"))
        Traceback (most recent call last):
            ...
        FileNotFoundError: no reviews.tar.gz in no-such-folder
        """
        bare = self.name
        for wrapper in _WRAPPERS:
            bare = bare.removesuffix(wrapper)
        for candidate in (self.name, *(bare + wrapper for wrapper in (*_WRAPPERS, ""))):
            if (folder / candidate).is_file():
                return folder / candidate
        if self.unpacked and (folder / self.unpacked).is_dir():
            return folder / self.unpacked
        raise FileNotFoundError(f"no {self.name} in {folder}")

    def is_genuine(self, path: Path) -> bool:
        """Whether a file is, byte for byte, the published one.

        Parameters
        ----------
        path : pathlib.Path
            A file, or an unpacked folder (which never is the published file).

        Returns
        -------
        bool
            True when the MD5 equals the published one.

        Examples
        --------
        >>> OfficialFile("https://example.org/reviews.tar.gz", "", 0).is_genuine(Path("."))
        False
        """
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "md5").hexdigest() == self.md5


@contextmanager
def open_unwrapped(path: Path) -> Iterator[BinaryIO]:
    """Open a file as a stream of its content, without its compression.

    Parameters
    ----------
    path : pathlib.Path
        A file, compressed by gzip, xz, bzip2 or not at all.

    Yields
    ------
    BinaryIO
        The content. What goes wrong while it is read, because the file is truncated or altered,
        leaves the block as `DamagedFileError`.

    Raises
    ------
    DamagedFileError
        See above.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as scratch:
    ...     path = Path(scratch, "letters")
    ...     _ = path.write_bytes(gzip.compress(b"abc"))
    ...     with open_unwrapped(path) as stream:
    ...         stream.read()
    b'abc'
    """
    with path.open("rb") as file:
        magic = file.read(6)
    opener = next((opener for start, opener in _OPENERS.items() if magic.startswith(start)), open)
    try:
        with opener(path, "rb") as stream:
            yield stream
    except _UNREADABLE as error:
        raise DamagedFileError(f"{path} is damaged: {error}") from error


def read_exactly(stream: BinaryIO, size: int, what: str) -> bytes:
    """Read a stream that must hold a given number of bytes and no more.

    Parameters
    ----------
    stream : BinaryIO
        Read to its end, but never beyond one byte more than `size`.
    size : int
        Expected number of bytes.
    what : str
        Name for the error message.

    Returns
    -------
    bytes
        All `size` bytes.

    Raises
    ------
    DamagedFileError
        The stream is shorter or longer.

    Examples
    --------
    >>> from io import BytesIO
    >>> read_exactly(BytesIO(b"abc"), 3, "letters")
    b'abc'
    >>> read_exactly(BytesIO(b"abc"), 2, "letters")
    Traceback (most recent call last):
        ...
    lecture_utils.datasets.errors.DamagedFileError: letters is longer than 2 bytes
    """
    content = stream.read(size)
    if len(content) < size:
        raise DamagedFileError(f"{what} has {len(content)} bytes instead of {size}")
    if stream.read(1):
        raise DamagedFileError(f"{what} is longer than {size} bytes")
    return content


def read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read an IDX file of bytes (the format of MNIST) of a known shape.

    The header is two zero bytes, 8 for the type (unsigned byte), the number of axes, and the length
    of each axis as a big-endian 32-bit integer; the values follow in C order.

    Parameters
    ----------
    path : pathlib.Path
        The file, under any wrapper.
    shape : tuple of int
        The shape that the header must announce.

    Returns
    -------
    numpy.ndarray
        Values, uint8, of that shape; read-only.

    Raises
    ------
    DamagedFileError
        Another header, too few or too many values, or a broken wrapper.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as scratch:
    ...     path = Path(scratch, "labels-idx1-ubyte")
    ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 9, 2, 1]))
    ...     read_idx(path, (3,)).tolist()
    [9, 2, 1]
    """
    header = bytes([0, 0, 8, len(shape)]) + np.array(shape, dtype=">u4").tobytes()
    n_values = int(np.prod(shape))
    with open_unwrapped(path) as stream:
        content = read_exactly(stream, len(header) + n_values, str(path))
    if not content.startswith(header):
        raise DamagedFileError(f"{path} is not an IDX file of {shape} bytes")
    return np.frombuffer(content, np.uint8, offset=len(header)).reshape(shape)


def iterate_members(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    """Go through the files of an archive, or of the folder that unpacking it gives.

    Only regular files are given; links, devices and folders are skipped. Nothing is written, and a
    name such as ``../x`` is a string like any other: a reader takes the names that it knows.

    Parameters
    ----------
    path : pathlib.Path
        A tar file under any wrapper, or an unpacked folder.

    Yields
    ------
    tuple of (str, BinaryIO)
        Name with forward slashes, from the archive's top folder on, without a compression suffix;
        and the content, valid until the next step.

    Raises
    ------
    DamagedFileError
        The archive is truncated or altered.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as scratch:
    ...     _ = Path(scratch, "one.txt").write_text("1")
    ...     [stream.read() for name, stream in iterate_members(Path(scratch))]
    [b'1']
    """
    if path.is_dir():
        for member in sorted(path.rglob("*")):
            if member.is_file():
                name = member.relative_to(path.parent).as_posix()
                for wrapper in _WRAPPERS:
                    name = name.removesuffix(wrapper)
                with open_unwrapped(member) as stream:
                    yield name, stream
        return
    with open_unwrapped(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            if member.isreg():
                yield member.name.removeprefix("./"), archive.extractfile(member)
