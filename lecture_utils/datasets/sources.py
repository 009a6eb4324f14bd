"""Where a data set comes from: the prepared cache, a folder, or a download, in this order."""

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pooch
from filelock import FileLock

from lecture_utils.datasets import prepared
from lecture_utils.datasets.download import Patience, download
from lecture_utils.datasets.errors import DamagedFileError, DataUnavailableError
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
        cache = os.environ.get("LECTURE_CACHE_DIR") or pooch.os_cache("lecture_utils")
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


def obtain(dataset: Dataset, places: Places) -> dict[str, np.ndarray]:
    """Arrays of a data set, from the first source that has them.

    The order is: prepared cache, folder of official files, package of the operating system, earlier
    download, download. What comes from anywhere but the cache is checked and then kept there. One
    process prepares, others wait for it. Without a usable cache the arrays are prepared in memory.

    Parameters
    ----------
    dataset : Dataset
        What to get.
    places : Places
        Where to look.

    Returns
    -------
    dict of str to numpy.ndarray
        Read-only arrays, the same from every source.

    Raises
    ------
    DataUnavailableError
        No source has the data; the message lists what was tried and what helps.

    Warns
    -----
    UserWarning
        Something was damaged and has been replaced, or nothing could be kept.

    Examples
    --------
    See `lecture_utils.datasets.load_fashion_mnist`.
    """
    folder = places.prepared(dataset)
    try:
        return prepared.read(folder)
    except (FileNotFoundError, DamagedFileError):
        pass  # looked at again below, where no other process can be writing to it
    with ExitStack() as held:
        try:
            places.cache.mkdir(parents=True, exist_ok=True)
            held.enter_context(FileLock(places.cache / f"{dataset.name}.lock"))
            downloads = places.downloads(dataset)
            _remove_unfinished(dataset, downloads)
            obstacle = None
        except (OSError, NotImplementedError) as error:  # the latter: no locks on this file system
            downloads = Path(held.enter_context(tempfile.TemporaryDirectory()))
            obstacle = error
        problems = []
        try:
            return prepared.read(folder)
        except FileNotFoundError as error:
            tried = [f"prepared cache: {error}"]
        except DamagedFileError as error:
            tried = [f"prepared cache: {error}"]
            problems.append(str(error))
        arrays, origin = _read_official(dataset, places, downloads, tried, problems)
        if problems:
            warnings.warn(
                f"{dataset.title}: {'; '.join(problems)}. Used instead: {origin.source}.",
                stacklevel=3,
            )
        if obstacle is None:
            try:
                prepared.write(folder, arrays, origin)
                return prepared.read(folder)
            except OSError as error:
                obstacle = error
    warnings.warn(
        f"{dataset.title} is prepared in memory, this time and every time, because nothing can be "
        f"kept in {places.cache} ({obstacle}). Set LECTURE_CACHE_DIR to a folder with room.",
        stacklevel=3,
    )
    for array in arrays.values():
        array.flags.writeable = False  # as the mapped arrays are
    return arrays


def locate(dataset: Dataset, places: Places) -> str | None:
    """Say where a data set would come from without a network, judging by names and sizes only.

    Parameters
    ----------
    dataset : Dataset
        What to look for.
    places : Places
        Where to look.

    Returns
    -------
    str or None
        The place; None when the data would have to be downloaded.

    Examples
    --------
    See `lecture_utils.datasets.is_available`.
    """
    folder = places.prepared(dataset)
    try:
        prepared.read_origin(folder)
    except (FileNotFoundError, DamagedFileError):
        pass
    else:
        return f"prepared cache: {folder}"
    for kind, folder in places.folders(dataset):
        try:
            _find_all(dataset, folder)
        except FileNotFoundError:
            continue
        return f"{kind}: {folder}"
    return None


def _read_official(
    dataset: Dataset, places: Places, downloads: Path, tried: list[str], problems: list[str]
) -> tuple[dict[str, np.ndarray], prepared.Origin]:
    for kind, folder in places.folders(dataset):
        try:
            paths = _find_all(dataset, folder)
        except FileNotFoundError as error:
            tried.append(f"{kind}: {error}")
            continue
        try:
            return _read_checked(dataset, paths, f"{kind}, {folder}")
        except (DamagedFileError, OSError) as error:
            tried.append(f"{kind}: {error}")
            problems.append(str(error))
    if places.data is None:
        tried.append("LECTURE_DATA_DIR: not set")
    try:
        paths = [download(file, downloads, places.patience) for file in dataset.files]
        return _read_checked(dataset, paths, "download")
    except (DamagedFileError, OSError) as error:
        tried.append(f"download: {error}")
        raise DataUnavailableError(_advice(dataset, places, tried)) from error


def _find_all(dataset: Dataset, folder: Path) -> list[Path]:
    return [file.find(folder) for file in dataset.files]


def _read_checked(
    dataset: Dataset, paths: list[Path], source: str
) -> tuple[dict[str, np.ndarray], prepared.Origin]:
    content = dataset.read(*paths)
    digest = prepared.content_digest(content)
    # A file with the published hash is genuine, whatever our digest says of its content.
    if digest != dataset.digest and not all(
        file.is_genuine(path) for file, path in zip(dataset.files, paths, strict=True)
    ):
        raise DamagedFileError(f"{paths[0].parent} holds other data than {dataset.title}")
    origin = prepared.Origin(digest, tuple(content), source)
    return {**content, **dataset.derive(content)}, origin


def _remove_unfinished(dataset: Dataset, downloads: Path) -> None:
    """Delete what a killed download left; no other process downloads while we hold the lock."""
    official = {file.name for file in dataset.files}
    if downloads.is_dir():
        for path in downloads.iterdir():
            if path.name not in official:
                path.unlink()


def _advice(dataset: Dataset, places: Places, tried: list[str]) -> str:
    names = ", ".join(file.name for file in dataset.files)
    fetch = f"python -m lecture_utils.datasets fetch {dataset.name}"
    ways = [
        f"Set LECTURE_DATA_DIR to a folder that holds the official files ({names}), packed or not.",
        f"With a network, let it download ({dataset.download_size}): {fetch}",
        f"Run that command on another machine and copy its cache folder to {places.cache}"
        + (f", or {dataset.alternative}." if dataset.alternative else "."),
    ]
    return "\n".join(
        [
            f"{dataset.title} is not on this machine and could not be downloaded. Tried:",
            *(f"  - {line}" for line in tried),
            "Any one of these helps:",
            *(f"  {number}. {way}" for number, way in enumerate(ways, start=1)),
        ]
    )
