"""Where a data set comes from: the prepared cache, a folder, or a download, in this order."""

import tempfile
import warnings
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from filelock import FileLock

from lecture_utils.datasets import prepared
from lecture_utils.datasets.dataset import Dataset, Places
from lecture_utils.datasets.download import download
from lecture_utils.datasets.errors import DamagedFileError, DataUnavailableError


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
            _remove_unfinished(dataset, places.downloads(dataset))
            obstacle = None
        except (OSError, NotImplementedError) as error:  # the latter: no locks on this file system
            obstacle = error
        problems = []
        try:
            return prepared.read(folder)
        except FileNotFoundError as error:
            tried = [f"prepared cache: {error}"]
        except DamagedFileError as error:
            tried = [f"prepared cache: {error}"]
            problems.append(str(error))
        keep_downloads = obstacle is None
        arrays, origin = _read_official(dataset, places, keep_downloads, tried, problems)
        if problems:
            warnings.warn(
                f"{dataset.title}: {'; '.join(problems)}. Used instead: {origin.source}.",
                stacklevel=3,
            )
        if obstacle is None:
            try:
                prepared.write(folder, arrays, origin)
                return prepared.read(folder)
            except (OSError, DamagedFileError) as error:
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
    dataset: Dataset, places: Places, keep_downloads: bool, tried: list[str], problems: list[str]
) -> tuple[dict[str, np.ndarray], prepared.Origin]:
    if places.data is None:
        tried.append("LECTURE_DATA_DIR: not set")
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
    try:
        with ExitStack() as held:
            folder = places.downloads(dataset)
            if not keep_downloads:
                folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
            paths = [download(file, folder, places.patience) for file in dataset.files]
            return _read_checked(dataset, paths, "download")
    except (DamagedFileError, OSError) as error:
        tried.append(f"download: {error}")
    # Outside the handler: the message says what happened, the traceback of a library does not.
    raise DataUnavailableError(_advice(dataset, places, tried))


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
