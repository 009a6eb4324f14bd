"""Download of official files, checked against their published hashes."""

from dataclasses import dataclass
from pathlib import Path

import requests.exceptions
from tqdm import tqdm

from lecture_utils.datasets.errors import DamagedFileError
from lecture_utils.datasets.official_files import OfficialFile

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Patience:
    """How long a download may take to answer, and how often it is tried again.

    Parameters
    ----------
    retries : int
        Further attempts after the first, 1 s, 2 s, 3 s ... apart.
    connect : float
        Seconds to wait for a connection.
    stall : float
        Seconds without a byte after which an attempt counts as failed.
    progressbar : bool
        Whether to draw progress on stderr.
    """

    retries: int = 2
    connect: float = 10.0
    stall: float = 30.0
    progressbar: bool = True


def download(file: OfficialFile, folder: Path, patience: Patience) -> Path:
    """Download one official file, unless the folder already holds the genuine one.

    A body is written beside the final name and moved there only when its hash is the published one,
    so a broken download leaves nothing behind and damages nothing.

    Parameters
    ----------
    file : OfficialFile
        Address and published MD5.
    folder : pathlib.Path
        Where to keep it; created when missing.
    patience : Patience
        Time-outs and retries.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ConnectionError
        The server cannot be reached, stalls, or answers with an error.
    DamagedFileError
        What arrived is not the published file.
    OSError
        The folder cannot be written, or the disk is full.

    Examples
    --------
    >>> import tempfile
    >>> unreachable = OfficialFile("http://127.0.0.1:9/data.gz", "0" * 32, 1)
    >>> with tempfile.TemporaryDirectory() as scratch:
    ...     try:
    ...         download(unreachable, Path(scratch), Patience(retries=0, connect=1))
    ...     except ConnectionError:
    ...         print("no connection")
    no connection
    """
    import pooch  # here, because it brings tqdm.auto, which warns in a notebook without ipywidgets

    folder.mkdir(parents=True, exist_ok=True)

    def attempt(url: str, output_file: str, registry: pooch.Pooch) -> None:
        # A plain bar of our own: the one that pooch draws wants ipywidgets in a notebook.
        with tqdm(
            desc=file.name,
            total=file.size,
            unit="B",
            unit_scale=True,
            disable=not patience.progressbar,
        ) as bar:
            fetch = pooch.HTTPDownloader(
                progressbar=bar, chunk_size=_CHUNK, timeout=(patience.connect, patience.stall)
            )
            fetch(url, output_file, registry)

    registry = pooch.create(
        path=folder,
        base_url="",
        registry={file.name: f"md5:{file.md5}"},
        urls={file.name: file.url},
        retry_if_failed=patience.retries,
    )
    try:
        return Path(registry.fetch(file.name, downloader=attempt))
    except requests.exceptions.SSLError as error:
        raise ConnectionError(
            f"{file.url}: {error}. Where a proxy replaces certificates, set REQUESTS_CA_BUNDLE to "
            "the file with those that this network trusts."
        ) from error
    except requests.exceptions.RequestException as error:  # itself an OSError: must come first
        raise ConnectionError(f"{file.url}: {error}") from error
    except ValueError as error:  # the only one that pooch raises here: another hash
        raise DamagedFileError(f"{file.url} is not the published file: {error}") from error
