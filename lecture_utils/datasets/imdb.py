"""IMDB: 50,000 film reviews, each for or against the film, as text and as numbered words."""

import hashlib
import re
from pathlib import Path

import numpy as np

from lecture_utils.datasets.dataset import Arrays, Dataset, Places
from lecture_utils.datasets.errors import DamagedFileError
from lecture_utils.datasets.imdb_words import (
    IMDB_RESERVED,
    apply_ranks,
    cut_texts,
    encode,
    join_texts,
    rank_words,
)
from lecture_utils.datasets.official_files import OfficialFile
from lecture_utils.datasets.sources import obtain
from lecture_utils.datasets.unwrap import iterate_members

_MEMBER = re.compile(r"aclImdb/(train|test)/(neg|pos)/\d+_\d+\.txt")
_LABELS = {"neg": 0, "pos": 1}


def read_imdb(archive: Path, n_per_class: int = 12_500) -> dict[str, np.ndarray]:
    """Read the labelled reviews of the official release, in an order of their own content.

    The reviews are sorted by the SHA-256 of their text, then by label: the same order from every
    source, and a fair shuffle (the official files are sorted by label).

    Parameters
    ----------
    archive : pathlib.Path
        ``aclImdb_v1.tar`` under any wrapper, or the unpacked folder ``aclImdb``.
    n_per_class : int
        Number of reviews that each class must have in each split.

    Returns
    -------
    dict of str to numpy.ndarray
        For each split, ``text_...`` (UTF-8, all reviews joined, uint8), ``text_ends_...`` (where
        each review ends, int64) and ``y_...`` (1 for, 0 against the film; uint8).

    Raises
    ------
    DamagedFileError
        Another number of reviews, or one that is not UTF-8.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as scratch:
    ...     for split in ("train", "test"):
    ...         for label in ("neg", "pos"):
    ...             review = Path(scratch, "aclImdb", split, label, "0_5.txt")
    ...             review.parent.mkdir(parents=True)
    ...             _ = review.write_text("A film.")
    ...     read_imdb(Path(scratch, "aclImdb"), n_per_class=1)["y_train"].tolist()
    [0, 1]
    """
    reviews: dict[str, list[tuple[bytes, int, bytes]]] = {"train": [], "test": []}
    for (split, sentiment), stream in iterate_members(archive, _MEMBER):
        text = stream.read()
        reviews[split].append((hashlib.sha256(text).digest(), _LABELS[sentiment], text))
    arrays = {}
    for split, of_split in reviews.items():
        of_split.sort()
        labels = np.array([label for _, label, _ in of_split], dtype=np.uint8)
        counts = np.bincount(labels, minlength=2).tolist()
        if counts != [n_per_class, n_per_class]:
            raise DamagedFileError(
                f"{archive} holds {counts[1]} + {counts[0]} reviews for and against a film in "
                f"{split}, not {n_per_class} of each"
            )
        text, ends = join_texts([text for *_, text in of_split])
        arrays |= {f"text_{split}": text, f"text_ends_{split}": ends, f"y_{split}": labels}
    return arrays


def number_words(arrays: Arrays) -> dict[str, np.ndarray]:
    """Replace the words of the reviews by ranks of their frequency in the training reviews.

    Parameters
    ----------
    arrays : mapping of str to numpy.ndarray
        As `read_imdb` gives them.

    Returns
    -------
    dict of str to numpy.ndarray
        ``words`` (UTF-8, joined by line feeds, by rank, uint8) and, for each split, ``ranks_...``
        (int32) and ``ranks_ends_...`` (int64).

    Raises
    ------
    DamagedFileError
        A review is not UTF-8.

    Examples
    --------
    >>> text, ends = join_texts([b"A good film.", b"A bad film!"])
    >>> numbered = number_words({f"{name}_{split}": value for split in ("train", "test")
    ...                          for name, value in (("text", text), ("text_ends", ends))})
    >>> numbered["words"].tobytes().decode().split(), numbered["ranks_test"].tolist()
    (['a', 'film', 'bad', 'good'], [1, 4, 2, 1, 3, 2])
    """
    texts = {s: cut_texts(arrays[f"text_{s}"], arrays[f"text_ends_{s}"]) for s in ("train", "test")}
    try:
        words, ranks_train, ends_train = rank_words(texts["train"])
        ranks_test, ends_test = apply_ranks(texts["test"], words)
    except UnicodeDecodeError as error:
        raise DamagedFileError(f"a review is not UTF-8: {error}") from error
    return {
        "words": np.frombuffer("\n".join(words).encode(), np.uint8),
        "ranks_train": ranks_train,
        "ranks_ends_train": ends_train,
        "ranks_test": ranks_test,
        "ranks_ends_test": ends_test,
    }


IMDB = Dataset(
    name="imdb",
    title="IMDB",
    licence="none stated; its authors ask to be cited",
    files=(
        OfficialFile(
            url="https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
            md5="7c2ac02c03563afcf9b574c7e56c153a",
            size=84_125_825,
            unpacked="aclImdb",
        ),
    ),
    read=read_imdb,
    derive=number_words,
    digest="f3c265328e652bc3aed2abf7405d11ff97d97942dea6620662f709c2273886fc",
)


def load_imdb(
    num_words: int | None = 10_000,
    *,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Load the IMDB reviews as sequences of word numbers.

    Same meaning, shapes and types as `keras.datasets.imdb.load_data` gives, computed from the
    original reviews. The order is the same from every source, but not Keras'; words that are
    equally frequent may have other numbers than Keras gives them.

    Parameters
    ----------
    num_words : int or None, default 10,000
        Every number in the sequences is below it: words that are too rare for that become
        `oov_char`. None keeps all words.
    start_char : int or None, default 1
        Number that marks the start of a review; None for no mark.
    oov_char : int or None, default 2
        Number for a word that `num_words` cuts; None leaves such words out.
    index_from : int, default 3
        A word of rank r in `imdb_word_index` has the number r + `index_from`.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Reviews, lists of int, dtype object, shape (25000,); labels, int64, shape (25000,), 1 for
        and 0 against the film. Words that do not occur in the training reviews are left out of the
        test reviews.

    Raises
    ------
    ValueError, TypeError
        A parameter is not a whole number, or is out of range.
    DataUnavailableError
        The data is nowhere to be had; the message says what helps.

    Notes
    -----
    Source: Maas et al., "Learning Word Vectors for Sentiment Analysis", ACL 2011 (Large Movie
    Review Dataset 1.0). Words are in lower case; spaces and punctuation, but not
    the apostrophe, separate them.

    Examples
    --------
    >>> load_imdb(num_words=0)
    Traceback (most recent call last):
        ...
    ValueError: num_words must be at least 1, not 0
    """
    _require_whole("num_words", num_words, least=1, optional=True)
    _require_whole("start_char", start_char, least=0, optional=True)
    _require_whole("oov_char", oov_char, least=0, optional=True)
    _require_whole("index_from", index_from, least=0, optional=False)
    arrays = obtain(IMDB, Places.from_environment())
    x_train, x_test = (
        encode(
            arrays[f"ranks_{split}"],
            arrays[f"ranks_ends_{split}"],
            num_words,
            start_char,
            oov_char,
            index_from,
        )
        for split in ("train", "test")
    )
    y_train, y_test = (arrays[f"y_{split}"].astype(np.int64) for split in ("train", "test"))
    return (x_train, y_train), (x_test, y_test)


def load_imdb_text() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Load the IMDB reviews as text, in the order of `load_imdb`.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Reviews as their authors wrote them (with ``<br />`` for line breaks), str, dtype object,
        shape (25000,); labels, int64, shape (25000,), 1 for and 0 against the film.

    Raises
    ------
    DataUnavailableError
        The data is nowhere to be had; the message says what helps.

    Examples
    --------
    See `load_imdb`, whose sequence number i belongs to text number i.
    """
    arrays = obtain(IMDB, Places.from_environment())
    x_train, x_test = (
        np.array(list(cut_texts(arrays[f"text_{s}"], arrays[f"text_ends_{s}"])), dtype=object)
        for s in ("train", "test")
    )
    y_train, y_test = (arrays[f"y_{split}"].astype(np.int64) for split in ("train", "test"))
    return (x_train, y_train), (x_test, y_test)


def imdb_word_index(shifted: bool = False) -> dict[str, int]:
    """Word index of the IMDB reviews.

    Parameters
    ----------
    shifted : bool, default False
        False gives ranks by training frequency, from 1, as `keras.datasets.imdb.get_word_index`
        does. True gives the numbers that the sequences of `load_imdb` hold: every rank + 3, and
        the four of `IMDB_RESERVED`.

    Returns
    -------
    dict of str to int
        From each word of the training reviews to its number.

    Raises
    ------
    DataUnavailableError
        The data is nowhere to be had; the message says what helps.

    Examples
    --------
    >>> IMDB_RESERVED
    {'<PAD>': 0, '<START>': 1, '<UNK>': 2, '<UNUSED>': 3}
    """
    words = obtain(IMDB, Places.from_environment())["words"].tobytes().decode().split("\n")
    if not shifted:
        return {word: rank for rank, word in enumerate(words, start=1)}
    first = len(IMDB_RESERVED)
    return IMDB_RESERVED | {word: number for number, word in enumerate(words, start=first)}


def _require_whole(name: str, value: object, least: int, optional: bool) -> None:
    if value is None and optional:
        return
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number{' or None' * optional}, not {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")
