"""Reviews as words, words as numbers: the rules of `keras.datasets.imdb`."""

from array import array
from collections.abc import Iterable, Iterator

import numpy as np

IMDB_RESERVED = {"<PAD>": 0, "<START>": 1, "<UNK>": 2, "<UNUSED>": 3}

_SEPARATORS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'  # the apostrophe is none: "don't" is one word
_TO_SPACES = str.maketrans(dict.fromkeys(_SEPARATORS, " "))


def split_words(text: str) -> list[str]:
    r"""Split a text into words: lower case, punctuation taken for spaces, apostrophes kept.

    The rule of the Keras tokenizer with which the word index of `keras.datasets.imdb` was made.
    The line break ``<br />`` of a web page leaves the word ``br``.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        Words in their order; none is empty.

    Examples
    --------
    >>> split_words("Don't!<br />A well-made film.")
    ["don't", 'br', 'a', 'well', 'made', 'film']
    """
    return [word for word in text.lower().translate(_TO_SPACES).split(" ") if word]


def rank_words(texts: Iterable[str]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Give the words of texts numbers by how often they occur.

    Parameters
    ----------
    texts : iterable of str
        Training texts.

    Returns
    -------
    words : list of str
        Distinct words, the most frequent one first; words that are equally frequent in the order of
        their characters' code points. The rank of ``words[i]`` is ``i + 1``.
    ranks : numpy.ndarray
        Ranks of all words of all texts, one text after the other, int32.
    ends : numpy.ndarray
        Where each text ends in `ranks`, int64, shape (number of texts,).

    Examples
    --------
    >>> words, ranks, ends = rank_words(["b a", "c b"])
    >>> words, ranks.tolist(), ends.tolist()
    (['b', 'a', 'c'], [1, 2, 3, 1], [2, 4])
    """
    first_seen: dict[str, int] = {}
    numbers, ends = array("i"), array("q")
    for text in texts:
        numbers.extend(first_seen.setdefault(word, len(first_seen)) for word in split_words(text))
        ends.append(len(numbers))
    flat = np.frombuffer(numbers, np.intc) if numbers else np.zeros(0, np.intc)
    counts = np.bincount(flat, minlength=len(first_seen)).tolist()
    words = sorted(first_seen, key=lambda word: (-counts[first_seen[word]], word))
    rank_of_number = np.empty(len(words), np.int32)
    for rank, word in enumerate(words, start=1):
        rank_of_number[first_seen[word]] = rank
    return words, rank_of_number[flat], np.array(ends, np.int64)


def apply_ranks(texts: Iterable[str], words: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Give the words of further texts their ranks; unknown words are left out, as in Keras.

    Parameters
    ----------
    texts : iterable of str
        Test texts.
    words : list of str
        As `rank_words` gives them.

    Returns
    -------
    ranks : numpy.ndarray
        Ranks of the known words of all texts, int32.
    ends : numpy.ndarray
        Where each text ends in `ranks`, int64.

    Examples
    --------
    >>> ranks, ends = apply_ranks(["a new b", "c"], ["b", "a", "c"])
    >>> ranks.tolist(), ends.tolist()
    ([2, 1, 3], [2, 3])
    """
    rank_of_word = {word: rank for rank, word in enumerate(words, start=1)}
    ranks, ends = array("i"), array("q")
    for text in texts:
        ranks.extend(rank_of_word[word] for word in split_words(text) if word in rank_of_word)
        ends.append(len(ranks))
    return np.array(ranks, np.int32), np.array(ends, np.int64)


def encode(
    ranks: np.ndarray,
    ends: np.ndarray,
    num_words: int | None,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> np.ndarray:
    """Turn ranks into the sequences of numbers that `keras.datasets.imdb` gives.

    A word of rank r becomes r + `index_from`, or `oov_char` when that is not below `num_words`.

    Parameters
    ----------
    ranks : numpy.ndarray
        Ranks of all words of all texts, from 1.
    ends : numpy.ndarray
        Where each text ends in `ranks`, shape (n,).
    num_words : int or None
        Every number in the result is below it; None keeps all words. (Keras' own None drops the
        rarest word, against its documentation.)
    start_char : int or None
        Number put before each text; None for none.
    oov_char : int or None
        Number for a word that is cut; None leaves the word out.
    index_from : int
        Added to every rank, to leave room for the reserved numbers.

    Returns
    -------
    numpy.ndarray
        Lists of int, dtype object, shape (n,).

    Examples
    --------
    >>> encode(np.array([1, 7, 2]), np.array([2, 3]), num_words=6).tolist()
    [[1, 4, 2], [1, 5]]
    """
    limit = num_words if num_words is not None else np.iinfo(np.int64).max
    largest = int(ranks.max(initial=0)) + index_from
    # One Python integer per number, not per word of every review: a quarter of the memory.
    integers = np.arange(largest + 1).astype(object)
    if oov_char is not None:
        integers[limit:] = oov_char
    start = [] if start_char is None else [start_char if start_char < limit else oov_char]
    sequences = np.empty(len(ends), dtype=object)
    for position, (begin, end) in enumerate(_spans(ends)):
        numbers = ranks[begin:end] + index_from
        if oov_char is None:
            numbers = numbers[numbers < limit]
        sequences[position] = [n for n in start if n is not None] + integers[numbers].tolist()
    return sequences


def join_texts(texts: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Put texts one after the other, so that they fit into plain arrays.

    Parameters
    ----------
    texts : list of bytes
        UTF-8 texts.

    Returns
    -------
    flat : numpy.ndarray
        All bytes, uint8.
    ends : numpy.ndarray
        Where each text ends, int64.

    Examples
    --------
    >>> flat, ends = join_texts([b"one", b"two!"])
    >>> list(cut_texts(flat, ends))
    ['one', 'two!']
    """
    flat = np.frombuffer(b"".join(texts), np.uint8)
    return flat, np.cumsum([len(text) for text in texts], dtype=np.int64)


def cut_texts(flat: np.ndarray, ends: np.ndarray) -> Iterator[str]:
    """Give back the texts that `join_texts` joined.

    Parameters
    ----------
    flat, ends : numpy.ndarray
        As `join_texts` gives them.

    Yields
    ------
    str
        One text after the other.

    Examples
    --------
    See `join_texts`.
    """
    for begin, end in _spans(ends):
        yield flat[begin:end].tobytes().decode("utf-8")


def _spans(ends: np.ndarray) -> Iterator[tuple[int, int]]:
    begin = 0
    for end in ends.tolist():
        yield begin, end
        begin = end
