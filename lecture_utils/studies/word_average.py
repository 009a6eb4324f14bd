"""Train the network that averages the vectors of a text's words, without looking words up.

The average of a text's word vectors is a matrix product: its counts of words by the table of
vectors, divided by its number of words. Counts are sparse, so that a training in NumPy is faster
than one that pads every text and looks up every word.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.special import expit

from lecture_utils.arguments import number, whole_number

#: Adam's constants, as in the paper and in Keras.
BETA_1, BETA_2, EPSILON = np.float32(0.9), np.float32(0.999), np.float32(1e-7)


def scores(weights: Sequence[ArrayLike], counts: csr_array) -> NDArray[np.float32]:
    """Return what the network says about each text, before the sigmoid.

    With the averages ``A = C E / n`` of counts C, n of them a text, and vectors E,
    ``max(0, A W1 + b1) W2 + b2``. Above 0 means the class 1.

    Parameters
    ----------
    weights : sequence of five array_like
        As ``get_weights`` of ``Embedding, GlobalAveragePooling1D, Dense("relu"), Dense(1)``
        gives them: E (n_words, n_dimensions), W1 (n_dimensions, n_units), b1 (n_units,),
        W2 (n_units, 1), b2 (1,).
    counts : scipy.sparse.csr_array, shape (n_texts, n_words)
        As `lecture_utils.studies.word_counts.count_words` gives them: with the padding among the
        counted numbers, the average runs over it; without it, it is masked.

    Returns
    -------
    ndarray of float32, shape (n_texts,)
        Logits.

    Raises
    ------
    ValueError
        If shapes do not belong together, or a text has no words.

    Examples
    --------
    >>> weights = [[[1.0], [-2.0]], [[1.0]], [0.0], [[3.0]], [-1.0]]
    >>> scores(weights, csr_array([[3.0, 0.0], [1.0, 1.0]])).round(3).tolist()
    [2.0, -1.0]
    """
    return _forward(_checked(weights, counts), counts, _reciprocal_lengths(counts))[-1]


def cross_entropy(logits: ArrayLike, labels: ArrayLike) -> float:
    """Return the mean binary cross-entropy in nats.

    ``mean(log(1 + exp(z)) - y z)`` for logits z and labels y, which is the mean of
    ``-log(p)`` of the true class, without overflow.

    Parameters
    ----------
    logits : array_like, shape (n_texts,)
        Scores before the sigmoid.
    labels : array_like, shape (n_texts,)
        0 or 1.

    Returns
    -------
    float
        The loss; at least 0.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> round(cross_entropy([0.0, 0.0], [0, 1]), 4)  # log(2)
    0.6931
    """
    logits, labels = np.asarray(logits, float), np.asarray(labels, float)
    if logits.shape != labels.shape:
        raise ValueError(
            f"logits and labels must have one shape, got {logits.shape} and {labels.shape}"
        )
    return float(np.mean(np.logaddexp(0, logits) - labels * logits))


def train(
    weights: Sequence[ArrayLike],
    counts: csr_array,
    labels: ArrayLike,
    *,
    n_epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    learning_rate: float = 0.001,
    sum_repeats: bool = False,
) -> Iterator[list[NDArray[np.float32]]]:
    """Train with Adam on the binary cross-entropy; yield the weights after every epoch.

    Parameters
    ----------
    weights : sequence of five array_like
        Where to start; see `scores`. They are not changed.
    counts : scipy.sparse.csr_array, shape (n_texts, n_words)
        See `scores`.
    labels : array_like, shape (n_texts,)
        0 or 1.
    n_epochs : int
        Passes over all texts, each in a new random order. Positive.
    batch_size : int
        Texts an update; the last batch of an epoch may be smaller. Positive.
    rng : numpy.random.Generator
        Source of the order: one ``rng.permutation(n_texts)`` an epoch.
    learning_rate : float
        Positive.
    sum_repeats : bool
        What Adam squares for a word that stands in a batch several times: the gradient of each
        occurrence, as Keras 3 does with TensorFlow (False), or their sum, as the paper has it
        and other parameters have it in Keras too (True).

    Yields
    ------
    list of five ndarray of float32
        A copy of the weights.

    Raises
    ------
    TypeError
        If a number is of the wrong type.
    ValueError
        If shapes do not belong together, a text has no words, or a number is out of range.

    Notes
    -----
    Takes the updates that ``model.fit`` takes on the same batches, up to rounding.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> shapes = (2, 3), (3, 4), (4,), (4, 1), (1,)
    >>> start = [rng.normal(size=shape) for shape in shapes]
    >>> counts, labels = csr_array(np.eye(2)), [0, 1]
    >>> *_, trained = train(start, counts, labels, n_epochs=500, batch_size=2, rng=rng,
    ...                     learning_rate=0.01)
    >>> (scores(trained, counts) > 0).tolist()
    [False, True]
    """
    weights = [weight.copy() for weight in _checked(weights, counts)]
    labels = np.asarray(labels, np.float32)
    if labels.shape != (counts.shape[0],):
        raise ValueError(f"labels must have shape {(counts.shape[0],)}, got {labels.shape}")
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy.random.Generator, got {rng!r}")
    n_epochs = whole_number("n_epochs", n_epochs)
    batch_size = whole_number("batch_size", batch_size)
    rate = number("learning_rate", learning_rate, above=0)
    per_word = _reciprocal_lengths(counts)

    def epochs() -> Iterator[list[NDArray[np.float32]]]:  # so that the checks precede it
        means = [np.zeros_like(weight) for weight in weights]
        squares = [np.zeros_like(weight) for weight in weights]
        step = 0
        for _ in range(n_epochs):
            order = rng.permutation(len(labels))
            for begin in range(0, len(order), batch_size):
                rows = order[begin : begin + batch_size]
                step += 1
                size = np.float32(rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step))
                gradients, squared = _gradients(
                    weights, counts[rows], per_word[rows], labels[rows], sum_repeats
                )
                for weight, gradient, new, mean, square in zip(
                    weights, gradients, squared, means, squares, strict=True
                ):
                    # In the gradients' own memory: new arrays of this size are slow to get.
                    gradient -= mean
                    mean += np.multiply(gradient, 1 - BETA_1, out=gradient)
                    new -= square
                    square += np.multiply(new, 1 - BETA_2, out=new)
                    divisor = np.sqrt(square, out=new)
                    divisor += EPSILON
                    update = np.divide(mean, divisor, out=divisor)
                    weight -= np.multiply(update, size, out=update)
            yield [weight.copy() for weight in weights]

    return epochs()


def _reciprocal_lengths(counts: csr_array) -> NDArray[np.float32]:
    """Return one divided by the number of words of each text, shape (n_texts, 1)."""
    lengths = counts.sum(axis=1)
    empty = np.flatnonzero(lengths == 0)
    if len(empty):
        raise ValueError(f"text {empty[0]} has no words that count")
    return (1 / lengths).astype(np.float32)[:, None]


def _forward(
    weights: list[NDArray], counts: csr_array, per_word: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return the averages, the hidden units and the logits."""
    vectors, kernel_1, bias_1, kernel_2, bias_2 = weights
    averages = per_word * (counts @ vectors)
    hidden = np.maximum(averages @ kernel_1 + bias_1, 0)
    return averages, hidden, (hidden @ kernel_2 + bias_2)[:, 0]


def _gradients(
    weights: list[NDArray],
    counts: csr_array,
    per_word: NDArray[np.float32],
    labels: NDArray[np.float32],
    sum_repeats: bool,
) -> tuple[list[NDArray], list[NDArray]]:
    """Return the gradient of the loss by each of the weights, and what Adam squares."""
    _, kernel_1, _, kernel_2, _ = weights
    averages, hidden, logits = _forward(weights, counts, per_word)
    of_logits = ((expit(logits) - labels) / np.float32(len(labels)))[:, None]
    of_hidden = (of_logits @ kernel_2.T) * (hidden > 0)
    of_occurrences = per_word * (of_hidden @ kernel_1.T)  # of every word of a text alike
    gradients = [
        counts.T @ of_occurrences,
        averages.T @ of_hidden,
        of_hidden.sum(axis=0),
        hidden.T @ of_logits,
        of_logits.sum(axis=0),
    ]
    squares = [gradient * gradient for gradient in gradients]
    if not sum_repeats:
        squares[0] = counts.T @ (of_occurrences * of_occurrences)
    return gradients, squares


def _checked(weights: Sequence[ArrayLike], counts: csr_array) -> list[NDArray[np.float32]]:
    """Return the weights as float32 arrays if their shapes belong together."""
    weights = [np.asarray(weight, np.float32) for weight in weights]
    shapes = [weight.shape for weight in weights]
    n_words = counts.shape[1]
    if len(shapes) == 5 and len(shapes[0]) == 2 and len(shapes[1]) == 2:
        n_dimensions, n_units = shapes[1]
        wanted = [(n_words, n_dimensions), shapes[1], (n_units,), (n_units, 1), (1,)]
        if shapes == wanted:
            return weights
    raise ValueError(
        "weights must have the shapes (n_words, n_dimensions), (n_dimensions, n_units), "
        f"(n_units,), (n_units, 1), (1,) with n_words = {n_words}, got {shapes}"
    )
