"""Words are counted as scikit-learn counts them, and bad numbers are named."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from lecture_utils.studies.word_counts import count_pairs, count_words, frequent_pairs


def sequences():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 50, size=n).tolist() for n in rng.integers(0, 80, size=40)]


def test_counts_are_those_of_scikit_learn():
    vectorizer = CountVectorizer(analyzer=list, vocabulary=range(50))
    np.testing.assert_array_equal(
        count_words(sequences(), 50).toarray(), vectorizer.transform(sequences()).toarray()
    )


def test_rows_of_an_array_count_like_lists_and_stored_numbers_are_sorted_once():
    rows = np.random.default_rng(1).integers(0, 9, size=(7, 30))
    counts = count_words(rows, 9)
    np.testing.assert_array_equal(counts.toarray(), count_words(rows.tolist(), 9).toarray())
    assert counts.has_canonical_format
    assert counts.dtype == np.float32


def test_empty_texts_have_no_counts():
    assert count_words([[], [1]], 2).toarray().tolist() == [[0, 0], [0, 1]]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ([[0, 4]], ValueError, "from 0 to 3, got 4"),
        ([[0, -1]], ValueError, "from 0 to 3, got -1"),
        ([], ValueError, "at least one text"),
        ([[0.5]], TypeError, "integers, got 0.5"),
        (np.zeros((2, 2)), TypeError, "an array of float64"),
    ],
)
def test_bad_words_are_refused(given, error, message):
    with pytest.raises(error, match=message):
        count_words(given, 4)


def test_what_is_left_out_is_not_counted():
    counts = count_words(sequences(), 50)
    expected = counts.toarray()
    expected[:, [0, 7]] = 0
    left = count_words(sequences(), 50, leave_out=[0, 7])
    np.testing.assert_array_equal(left.toarray(), expected)
    assert left.nnz == np.count_nonzero(expected)


def table_of_reviews():
    return np.random.default_rng(2).integers(0, 9, size=(30, 12))


def test_pairs_are_those_of_scikit_learn():
    reviews = table_of_reviews()
    texts = [" ".join(f"w{number}" for number in row) for row in reviews]
    for least in (1, 5):
        vectorizer = CountVectorizer(ngram_range=(2, 2), min_df=least, token_pattern=r"w\d")
        expected = vectorizer.fit_transform(texts).toarray()
        names = [pair.split(" ") for pair in vectorizer.get_feature_names_out()]
        codes = [int(a[1:]) * 9 + int(b[1:]) for a, b in names]
        pairs = frequent_pairs(reviews, 9, least=least)
        assert pairs.tolist() == sorted(codes)
        counts = count_pairs(reviews, 9, codes)  # one digit: the order of scikit-learn is ours
        np.testing.assert_array_equal(counts.toarray(), expected)


def test_a_word_that_is_left_out_makes_no_pair():
    pairs = frequent_pairs(table_of_reviews(), 9, least=1, leave_out=[0, 4])
    assert not np.isin(np.divmod(pairs, 9), [0, 4]).any()


@pytest.mark.parametrize(
    ("reviews", "pairs", "error", "message"),
    [
        ([[0, 9]], [1], ValueError, "from 0 to 8, got 9"),
        ([[0.5, 1.0]], [1], TypeError, "a table of integers"),
        ([[0, 1]], [2, 1], ValueError, "rising numbers"),
        ([[0, 1]], [], ValueError, "at least one"),
    ],
)
def test_bad_pairs_are_refused(reviews, pairs, error, message):
    with pytest.raises(error, match=message):
        count_pairs(reviews, 9, pairs)
