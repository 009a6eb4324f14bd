"""Official files of a data set, found under any wrapper and compared with their published hash."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

_WRAPPERS = (".gz", ".xz", ".bz2", "")


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
        for candidate in (self.name, *(bare + wrapper for wrapper in _WRAPPERS)):
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
