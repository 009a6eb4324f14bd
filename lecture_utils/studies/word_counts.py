"""How often each word, or pair of words, stands in each text, as a sparse table."""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array

from lecture_utils.arguments import whole_number


def count_words(
    sequences: Iterable[Sequence[int]], n_words: int, *, leave_out: ArrayLike = ()
) -> csr_array:
    """Count the words of each sequence.

    Parameters
    ----------
    sequences : iterable of sequence of int
        Word numbers from 0 to ``n_words - 1``, one sequence a text: lists of any lengths, or
        the rows of an array.
    n_words : int
        Numbers of the vocabulary, reserved ones included. Positive.
    leave_out : array_like of int
        Word numbers that do not count: the number of the padding, to mask it.

    Returns
    -------
    scipy.sparse.csr_array of float32, shape (n_texts, n_words)
        Counts; only those above 0 are stored.

    Raises
    ------
    TypeError
        If a word number or `n_words` is not an integer.
    ValueError
        If a word number is out of range, or there is no text.

    Examples
    --------
    >>> count_words([[3, 1, 3], [0]], n_words=4).toarray()
    array([[0., 1., 0., 2.],
           [1., 0., 0., 0.]], dtype=float32)
    >>> count_words([[3, 1, 0, 0]], n_words=4, leave_out=[0]).toarray()
    array([[0., 1., 0., 1.]], dtype=float32)
    """
    n_words = whole_number("n_words", n_words)
    if isinstance(sequences, np.ndarray) and sequences.ndim == 2:
        numbers = sequences.ravel()
        ends = np.arange(len(sequences) + 1) * sequences.shape[1]
    else:
        sequences = list(sequences)
        lengths = np.fromiter(map(len, sequences), np.int64, len(sequences))
        ends = np.concatenate([[0], np.cumsum(lengths)])
        items = list(chain.from_iterable(sequences[:1]))
        if items and not isinstance(items[0], int | np.integer):
            raise TypeError(f"word numbers must be integers, got {items[0]!r}")
        numbers = np.fromiter(chain.from_iterable(sequences), np.int32, ends[-1])
    if len(ends) == 1:
        raise ValueError("sequences must hold at least one text, got none")
    if numbers.dtype.kind not in "iu":
        raise TypeError(f"word numbers must be integers, got an array of {numbers.dtype}")
    outside = (numbers < 0) | (numbers >= n_words)
    if outside.any():
        raise ValueError(f"word numbers must be from 0 to {n_words - 1}, got {numbers[outside][0]}")
    ones = np.ones(len(numbers), np.float32)
    counts = csr_array(
        (ones, numbers.astype(np.int32), ends.astype(np.int32)), shape=(len(ends) - 1, n_words)
    )
    counts.sum_duplicates()
    if np.size(leave_out):
        counts.data[np.isin(counts.indices, leave_out)] = 0
        counts.eliminate_zeros()
    return counts


def frequent_pairs(
    reviews: ArrayLike, n_words: int, *, least: int, leave_out: ArrayLike = ()
) -> NDArray[np.int64]:
    """Return the pairs of neighbouring words that stand in enough texts.

    Parameters
    ----------
    reviews : array_like of int, shape (n_texts, n_places)
        Word numbers from 0 to ``n_words - 1``, padded to one length.
    n_words : int
        Numbers of the vocabulary. Positive.
    least : int
        In how many texts a pair must stand. Positive.
    leave_out : array_like of int
        Word numbers that make no pair: padding, unknown words.

    Returns
    -------
    ndarray of int64, shape (n_pairs,)
        Pairs, rising: the pair of the words a and b is the number ``a * n_words + b``.

    Raises
    ------
    TypeError, ValueError
        If word numbers are no integers or out of range, or `least` is not positive.

    Examples
    --------
    >>> reviews = [[1, 2, 3], [2, 3, 0], [3, 1, 2]]
    >>> frequent_pairs(reviews, 4, least=2, leave_out=[0]).tolist()  # 1 2 and 2 3
    [6, 11]
    """
    codes = _pairs(reviews, n_words, leave_out)
    least = whole_number("least", least)
    of_texts = np.sort(codes, axis=1)
    first = np.diff(of_texts, axis=1, prepend=-2) > 0  # a pair counts once a text
    pairs, n_texts = np.unique(of_texts[first & (of_texts >= 0)], return_counts=True)
    return pairs[n_texts >= least]


def count_pairs(reviews: ArrayLike, n_words: int, pairs: ArrayLike) -> csr_array:
    """Count how often pairs of neighbouring words stand in each text.

    Parameters
    ----------
    reviews : array_like of int, shape (n_texts, n_places)
        As in `frequent_pairs`.
    n_words : int
        Numbers of the vocabulary. Positive.
    pairs : array_like of int, shape (n_pairs,)
        What is counted, rising, as `frequent_pairs` gives it.

    Returns
    -------
    scipy.sparse.csr_array of float32, shape (n_texts, n_pairs)
        Counts; only those above 0 are stored.

    Raises
    ------
    TypeError, ValueError
        If word numbers are no integers or out of range, or `pairs` do not rise.

    Examples
    --------
    >>> count_pairs([[1, 2, 3], [2, 3, 0], [3, 1, 2]], 4, pairs=[6, 11]).toarray()
    array([[1., 1.],
           [0., 1.],
           [1., 0.]], dtype=float32)
    """
    codes, pairs = _pairs(reviews, n_words), np.asarray(pairs)
    if pairs.ndim != 1 or not len(pairs) or (np.diff(pairs) <= 0).any():
        raise ValueError("pairs must be a row of rising numbers, at least one")
    places = np.searchsorted(pairs, codes)
    known = pairs[np.minimum(places, len(pairs) - 1)] == codes
    rows = np.broadcast_to(np.arange(len(codes))[:, None], codes.shape)[known]
    ones = np.ones(len(rows), np.float32)
    return coo_array((ones, (rows, places[known])), shape=(len(codes), len(pairs))).tocsr()


def _pairs(reviews: ArrayLike, n_words: int, leave_out: ArrayLike = ()) -> NDArray[np.int64]:
    """Return the number of every pair of neighbours, -1 for one that is left out."""
    reviews, n_words = np.asarray(reviews), whole_number("n_words", n_words)
    if reviews.ndim != 2 or reviews.dtype.kind not in "iu":
        raise TypeError(
            f"reviews must be a table of integers, got shape {reviews.shape} of {reviews.dtype}"
        )
    outside = (reviews < 0) | (reviews >= n_words)
    if outside.any():
        raise ValueError(f"word numbers must be from 0 to {n_words - 1}, got {reviews[outside][0]}")
    kept = ~np.isin(reviews, leave_out)
    codes = reviews[:, :-1].astype(np.int64) * n_words + reviews[:, 1:]
    return np.where(kept[:, :-1] & kept[:, 1:], codes, -1)
