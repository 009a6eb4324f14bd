"""Contents of files and archives, read under any wrapper.

A wrapper (gzip, xz, bzip2 or none) is recognised by the first bytes of a file, not by its name.
Archives are read as a stream and never extracted, so that no name inside one can write anywhere.
"""

import bz2
import gzip
import lzma
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lecture_utils.datasets.errors import DamagedFileError

_OPENERS = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ\x00": lzma.open, b"BZh": bz2.open}
_UNREADABLE = (EOFError, gzip.BadGzipFile, lzma.LZMAError, tarfile.TarError, zlib.error)
_WRAPPED_NAME = re.compile(r"\.(gz|xz|bz2)$")


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


def iterate_members(path: Path, wanted: re.Pattern) -> Iterator[tuple[tuple[str, ...], BinaryIO]]:
    """Go through some files of an archive, or of the folder that unpacking it gives.

    Only regular files with a wanted name are given; everything else, links and names such as
    ``../x`` included, is passed over. Nothing is written.

    Parameters
    ----------
    path : pathlib.Path
        A tar file under any wrapper, or an unpacked folder, whose files may be compressed.
    wanted : re.Pattern
        What a whole name, from the archive's top folder on and with forward slashes, must match.

    Yields
    ------
    tuple of (tuple of str, BinaryIO)
        The groups of the match; and the content, valid until the next step.

    Raises
    ------
    DamagedFileError
        The archive is truncated or altered.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as scratch:
    ...     folder = Path(scratch, "set")
    ...     folder.mkdir()
    ...     _ = (folder / "one.txt").write_text("1")
    ...     _ = (folder / "notes").write_text("")
    ...     for groups, stream in iterate_members(folder, re.compile("set/(.*).txt")):
    ...         print(groups, stream.read())
    ('one',) b'1'
    """
    if path.is_dir():
        for member in sorted(path.rglob("*")):
            name = _WRAPPED_NAME.sub("", member.relative_to(path.parent).as_posix())
            if (match := wanted.fullmatch(name)) and member.is_file():
                with open_unwrapped(member) as stream:
                    yield match.groups(), stream
        return
    with open_unwrapped(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            match = wanted.fullmatch(member.name.removeprefix("./"))
            if match and member.isreg():
                yield match.groups(), archive.extractfile(member)
