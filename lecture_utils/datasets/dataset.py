"""What a data set is, and the places on a machine where it may be."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import platformdirs

from lecture_utils.datasets.download import Patience
from lecture_utils.datasets.official_files import OfficialFile

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Dataset:
    """What has to be known about a data set to find, check and prepare it.

    Parameters
    ----------
    name : str
        Short name, as in ``python -m lecture_utils.datasets fetch NAME``.
    title : str
        Name for people.
    licence : str
        One phrase.
    files : tuple of OfficialFile
        What its authors publish.
    read : callable
        From the paths of these files, in the same order, to the arrays in canonical order. Raises
        `DamagedFileError` when they hold something else.
    digest : str
        `prepared.content_digest` of these arrays.
    derive : callable
        From these arrays to further ones worth keeping, such as numbered words.
    subfolder : str
        Where the files may also lie below the folder that ``LECTURE_DATA_DIR`` names.
    system_folders : tuple of pathlib.Path
        Where packages of an operating system put the files.
    alternative : str
        A way to get the data that only this data set has, for error messages.
    version : int
        Raised when `read` or `derive` changes its result, so that old caches are not used.
    """

    name: str
    title: str
    licence: str
    files: tuple[OfficialFile, ...]
    read: Callable[..., dict[str, np.ndarray]]
    digest: str
    derive: Callable[[Arrays], dict[str, np.ndarray]] = lambda arrays: {}
    subfolder: str = ""
    system_folders: tuple[Path, ...] = ()
    alternative: str = ""
    version: int = 1

    @property
    def download_size(self) -> str:
        """Size of the official files, in megabytes, for people."""
        return f"{sum(file.size for file in self.files) / 1e6:.0f} MB"


@dataclass(frozen=True)
class Places:
    """Where to look on this machine, and how patiently to download.

    Parameters
    ----------
    cache : pathlib.Path
        Folder for prepared data and downloads; created when needed.
    data : pathlib.Path or None
        Folder with official files that somebody put there.
    patience : Patience
        Time-outs and retries of downloads.
    """

    cache: Path
    data: Path | None = None
    patience: Patience = field(default_factory=Patience)

    @classmethod
    def from_environment(cls) -> "Places":
        """Places that ``LECTURE_CACHE_DIR`` and ``LECTURE_DATA_DIR`` name.

        Returns
        -------
        Places
            Without the first variable, the cache lies where the operating system keeps caches of
            a user; without the second, `data` is None.

        Examples
        --------
        >>> Places.from_environment().cache.is_absolute()
        True
        """
        cache = os.environ.get("LECTURE_CACHE_DIR") or platformdirs.user_cache_dir("lecture_utils")
        data = os.environ.get("LECTURE_DATA_DIR")
        return cls(
            cache=Path(cache).expanduser().absolute(),
            data=Path(data).expanduser().absolute() if data else None,
        )

    def prepared(self, dataset: Dataset) -> Path:
        """Folder of the prepared arrays of a data set."""
        return self.cache / f"{dataset.name}-v{dataset.version}"

    def downloads(self, dataset: Dataset) -> Path:
        """Folder of the downloaded files of a data set; kept, so that repairs need no network."""
        return self.cache / "downloads" / dataset.name

    def folders(self, dataset: Dataset) -> Iterator[tuple[str, Path]]:
        """Folders that may hold the official files, each with what to call it in a message."""
        if self.data is not None:
            if dataset.subfolder:
                yield "LECTURE_DATA_DIR", self.data / dataset.subfolder
            yield "LECTURE_DATA_DIR", self.data
        for folder in dataset.system_folders:
            yield "system package", folder
        yield "earlier download", self.downloads(dataset)
