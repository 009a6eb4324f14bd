"""Command line: list, fetch and verify the data sets.

Exit status: 0 when all is well, 1 when a data set is missing or damaged, 2 for a wrong command.
"""

import argparse
import sys
from collections.abc import Sequence

from lecture_utils.datasets import prepared
from lecture_utils.datasets.catalogue import CATALOGUE
from lecture_utils.datasets.dataset import Dataset, Places
from lecture_utils.datasets.errors import DamagedFileError, DataUnavailableError
from lecture_utils.datasets.fashion_mnist import load_fashion_mnist
from lecture_utils.datasets.sources import locate, obtain


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after the program's name; taken from the command line by default.

    Returns
    -------
    int
        Exit status: 0 when all is well, 1 when a data set is missing or damaged.

    Raises
    ------
    SystemExit
        With status 2 for a wrong command, 0 after the help.

    Examples
    --------
    >>> main(["list"])  # doctest: +ELLIPSIS
    fashion_mnist  Fashion-MNIST ...
    0
    """
    parser = argparse.ArgumentParser(
        prog="python -m lecture_utils.datasets",
        description="List, fetch and verify the data sets of the course.",
        epilog="LECTURE_DATA_DIR names a folder with official files, LECTURE_CACHE_DIR the folder "
        "for prepared data and downloads.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="say where each data set would come from")
    for command, text in (
        ("fetch", "get data sets and prepare them, repairing what is damaged"),
        ("verify", "check every byte of what is prepared; changes nothing"),
    ):
        subparser = commands.add_parser(command, help=text)
        subparser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CATALOGUE))
    options = parser.parse_args(arguments)
    names = getattr(options, "names", [])
    if unknown := [name for name in names if name not in CATALOGUE]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(CATALOGUE)}")
    datasets = [CATALOGUE[name] for name in names or CATALOGUE]
    places = Places.from_environment()
    if options.command == "list":
        for dataset in datasets:
            print(_describe(dataset, places))
        return 0
    if options.command == "fetch":
        return max(_fetch(dataset, places) for dataset in datasets)
    missing_is_fault = bool(names)
    return max(_verify_sample(), *(_verify(each, places, missing_is_fault) for each in datasets))


def _describe(dataset: Dataset, places: Places) -> str:
    place = locate(dataset, places) or f"to be downloaded, {dataset.download_size}"
    return f"{dataset.name:13}  {dataset.title} (licence: {dataset.licence})\n{'':13}  {place}"


def _fetch(dataset: Dataset, places: Places) -> int:
    folder = places.prepared(dataset)
    try:
        obtain(dataset, places)
        prepared.read_origin(folder)
    except DataUnavailableError as error:
        print(error, file=sys.stderr)
    except (FileNotFoundError, DamagedFileError) as error:
        print(f"{dataset.name}: could not be kept: {error}", file=sys.stderr)
    else:
        print(f"{dataset.name}: ready in {folder}")
        return 0
    return 1


def _verify(dataset: Dataset, places: Places, missing_is_fault: bool) -> int:
    folder = places.prepared(dataset)
    try:
        origin = prepared.read_origin(folder)
        arrays = prepared.read(folder)
    except FileNotFoundError:
        print(f"{dataset.name}: not prepared")
        return int(missing_is_fault)
    except DamagedFileError as error:
        print(f"{dataset.name}: DAMAGED: {error}; to repair: fetch {dataset.name}")
        return 1
    digest = prepared.content_digest({name: arrays[name] for name in origin.content})
    if digest != origin.digest:
        print(f"{dataset.name}: DAMAGED: {folder} holds other data than was prepared")
        return 1
    if digest != dataset.digest:
        print(f"{dataset.name}: official files, but not the ones that the course was measured on")
        return 0
    print(f"{dataset.name}: intact (from {origin.source})")
    return 0


def _verify_sample() -> int:
    try:
        load_fashion_mnist(sample=True)
    except DamagedFileError as error:
        print(f"sample of fashion_mnist: DAMAGED: {error}; reinstall the package")
        return 1
    print("sample of fashion_mnist: intact")
    return 0


if __name__ == "__main__":
    sys.exit(main())
