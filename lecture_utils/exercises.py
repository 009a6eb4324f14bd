"""Instant checks of the reader's answers."""

import copy
from collections.abc import Callable, Iterable

import numpy as np

UNANSWERED = "Not answered yet: put your answer in place of the dots."


def check(answer: object, expected: object, *, rtol: float = 1e-3) -> None:
    """Print whether `answer` is right, and if not, in which way it is off.

    Parameters
    ----------
    answer : number, array_like, str, bool or Ellipsis
        The reader's answer; ``...`` means that there is none yet.
    expected : number, array_like, str or bool
        The right answer. Text is compared without regard to case and outer blanks.
    rtol : float
        Largest relative difference that still counts as right. Positive.

    Examples
    --------
    >>> check(..., expected=2.0)
    Not answered yet: put your answer in place of the dots.
    >>> check(1.9999, expected=2.0)
    Correct.
    >>> check(3, expected=2.0)
    Not yet: 3 is too large.
    >>> check([1, 2], expected=[1, 2, 3])
    Not yet: the shape is (2,), it should be (3,).
    """
    if answer is ...:
        print(UNANSWERED)
        return
    problem = _difference(answer, expected, rtol)
    print(f"Not yet: {problem}." if problem else "Correct.")


def check_function(
    answer: Callable | None,
    reference: Callable,
    cases: Iterable[tuple],
    *,
    rtol: float = 1e-6,
) -> None:
    """Print whether the reader's function returns what `reference` returns, for every case.

    Parameters
    ----------
    answer : callable
        The reader's function. One that returns ``...`` counts as not written yet.
    reference : callable
        A function known to be right.
    cases : iterable of tuple
        Positional arguments to try, one tuple a call. Each function gets copies of its own, so that
        one that works in place is judged by what it returns.
    rtol : float
        Largest relative difference that still counts as right. Positive.

    Examples
    --------
    >>> check_function(lambda x: ..., np.square, [(2.0,)])
    Not answered yet: put your answer in place of the dots.
    >>> check_function(lambda x: x * x, np.square, [(2.0,), (-3.0,)])
    Correct.
    >>> check_function(lambda x: 2 * x, np.square, [(2.0,), (-3.0,)])
    Not yet: for (-3.0,), -6.0 is too small.
    """
    for case in cases:
        try:
            given = answer(*copy.deepcopy(case))
        except Exception as error:  # whatever the reader's code raises is part of the answer
            print(f"Not yet: for {case}, it raises {type(error).__name__}: {error}.")
            return
        if given is ...:
            print(UNANSWERED)
            return
        problem = _difference(given, reference(*copy.deepcopy(case)), rtol)
        if problem:
            print(f"Not yet: for {case}, {problem}.")
            return
    print("Correct.")


def _difference(answer: object, expected: object, rtol: float) -> str:
    """Say how `answer` differs from `expected`; an empty string when it does not."""
    if isinstance(expected, str | bool):
        if isinstance(expected, str) and isinstance(answer, str):
            return "" if answer.strip().lower() == expected.lower() else f"it is not {answer!r}"
        return "" if answer is expected else f"it is not {answer!r}"
    try:
        given = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return f"{answer!r} is not a number"
    wanted = np.asarray(expected, dtype=float)
    if given.shape != wanted.shape:
        return f"the shape is {given.shape}, it should be {wanted.shape}"
    wrong = ~np.isclose(given, wanted, rtol=rtol, atol=0, equal_nan=True)
    if not wrong.any():
        return ""
    if given.ndim:
        first = tuple(int(i) for i in np.argwhere(wrong)[0])
        return f"{wrong.sum()} of {given.size} values are off, the first at index {first}"
    if np.isnan(given):
        return "it is not a number (nan)"
    return f"{answer} is too {'large' if given > wanted else 'small'}"
