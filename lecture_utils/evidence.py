"""How sure a result is: a sample of runs, paired differences, and one rule for a difference.

A trained result is a sample, one value a seed. Two ways of training are compared seed by seed:
with equal starts and batches the differences spread less than the values do.

**The rule.** There is a difference if the 95 % interval of the mean difference leaves out 0. The
interval is that of Student's t: mean ± t s/√n, with s the standard deviation of the n differences
(divisor n - 1) and t the quantile at 97.5 % with n - 1 degrees of freedom. Where nothing differs,
the rule says so in 19 of 20 experiments. Whoever makes m comparisons at once has m chances of a
false alarm; each interval is then that of 1 - 0.05/m (Bonferroni), so that all of them together
raise a false alarm in at most 1 of 20 experiments.

**Splits that share rows.** Where the n values come from n random splits of the same rows they are
not independent: two training sets have most rows in common. With s/√n the rule would see
differences that other rows do not show. The error is then s √(1/n + n_test/n_train) (Nadeau and
Bengio, Inference for the generalization error, Machine Learning 52, 2003); `overlap` is the second
summand, the rows that test over the rows that train.
"""

import math
import numbers
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from lecture_utils.arguments import finite_numbers, number, whole_number

#: The rule's risk: how often it sees a difference where there is none.
RISK = 0.05
#: What comes before the number format: ``"±.2f"`` is the mean and the standard deviation.
FORMAT = re.compile(r"(?P<part>±|sd|se|interval|low|high)?(?P<spec>.*)", re.S)


@dataclass(frozen=True)
class Summary:
    """What is stored of a sample: mean, standard deviation and number of values.

    Its text is ``mean ± sd``; the sd has one significant digit, two if the first is a 1, and the
    mean as many decimals. A format chooses what is shown:

    =================  ====================================
    ``.2f``            the mean
    ``±`` or ``±.2f``  the mean ± the standard deviation
    ``sd.2f``          the standard deviation
    ``se.2f``          the standard error
    ``interval.2f``    the 95 % interval, as ``0.81 to 0.83``
    ``low.2f``         its lower end
    ``high.2f``        its upper end
    =================  ====================================

    Parameters
    ----------
    mean, sd : float
        Mean and standard deviation (divisor n - 1), in the unit of the values.
    n : int
        Number of values, at least 2.
    comparisons : int
        How many comparisons the interval allows for.
    overlap : float
        Test rows over training rows if the values come from splits of the same rows, else 0.

    Examples
    --------
    >>> accuracy = Summary(mean=0.8184, sd=0.0062, n=10)
    >>> print(accuracy, f"{accuracy:.2f}", f"{accuracy:interval.3f}", sep=", ")
    0.818 ± 0.006, 0.82, 0.814 to 0.823
    """

    mean: float
    sd: float
    n: int
    comparisons: int = 1
    overlap: float = 0.0

    @property
    def standard_error(self) -> float:
        """How uncertain the mean is: sd/√n, or sd √(1/n + overlap)."""
        return self.sd * math.sqrt(1 / self.n + self.overlap)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the mean by Student's t; wider for several comparisons."""
        quantile = float(stdtrit(self.n - 1, 1 - RISK / self.comparisons / 2))
        half = quantile * self.standard_error
        return self.mean - half, self.mean + half

    def __str__(self) -> str:
        return " ± ".join(_texts(self.sd, self.mean, self.sd))

    def __format__(self, spec: str) -> str:
        found = FORMAT.fullmatch(spec)
        part, number = found["part"], found["spec"]
        if not number and part in (None, "±"):
            return str(self)
        low, high = self.interval
        values = {
            None: (self.mean,),
            "±": (self.mean, self.sd),
            "sd": (self.sd,),
            "se": (self.standard_error,),
            "interval": (low, high),
            "low": (low,),
            "high": (high,),
        }
        joint = " to " if part == "interval" else " ± "
        return joint.join(format(value, number) for value in values[part])


class Sample(Summary):
    """The results of runs that differ in their seed only.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        One value a run, at least two.

    Raises
    ------
    TypeError, ValueError
        If `values` are not finite numbers, or not a row of at least two.

    Examples
    --------
    >>> accuracy = Sample([0.82, 0.81, 0.83])
    >>> print(accuracy, accuracy.n)
    0.820 ± 0.010 3
    """

    values: NDArray

    def __init__(self, values: ArrayLike):
        row = np.array(_row("values", values))
        row.flags.writeable = False
        super().__init__(float(row.mean()), float(row.std(ddof=1)), len(row))
        object.__setattr__(self, "values", row)

    __repr__ = Summary.__str__


class Difference(Sample):
    """Paired differences, one a seed, judged by the module's rule; made by `difference`.

    Its text is the mean with the 95 % interval, ``0.020 (0.007 to 0.033)``.
    """

    def __init__(self, values: ArrayLike, *, comparisons: int = 1, overlap: float = 0.0):
        super().__init__(values)
        object.__setattr__(self, "comparisons", whole_number("comparisons", comparisons))
        object.__setattr__(self, "overlap", float(number("overlap", overlap, least=0)))

    @property
    def is_difference(self) -> bool:
        """Whether the interval leaves out 0."""
        low, high = self.interval
        return low > 0 or high < 0

    @property
    def verdict(self) -> str:
        """What the rule says, in words, with the number of comparisons that it allows for."""
        together = f", {self.comparisons} comparisons together" if self.comparisons > 1 else ""
        found = "a difference" if self.is_difference else "no difference seen"
        return f"{found}: {self}, 95 %{together}"

    def __str__(self) -> str:
        mean, low, high = _texts(self.standard_error, self.mean, *self.interval)
        return f"{mean} ({low} to {high})"

    __repr__ = __str__


def difference(
    a: Sample | ArrayLike,
    b: Sample | ArrayLike,
    *,
    comparisons: int = 1,
    overlap: float = 0.0,
) -> Difference:
    """Return how much `a` is above `b`, pair by pair.

    Parameters
    ----------
    a, b : Sample or array_like of float, shape (n,)
        The results of two ways; the values at one place come from one seed.
    comparisons : int
        How many comparisons are made at once, this one included; see the module.
    overlap : float
        Test rows over training rows if the values come from splits of the same rows; see the
        module.

    Returns
    -------
    Difference
        Its ``mean``, ``interval`` and ``is_difference``.

    Raises
    ------
    TypeError, ValueError
        If one of them is no sample, or they do not have one length.

    Examples
    --------
    >>> crops, none = [0.86, 0.87, 0.85, 0.88], [0.84, 0.85, 0.84, 0.85]
    >>> lead = difference(crops, none)
    >>> print(lead.verdict)
    a difference: 0.020 (0.007 to 0.033), 95 %
    """
    left, right = _row("a", a), _row("b", b)
    if left.shape != right.shape:
        raise ValueError(f"a and b must be pairs, got {len(left)} and {len(right)} values")
    return Difference(left - right, comparisons=comparisons, overlap=overlap)


def differences(
    samples: Mapping[str, Sample | ArrayLike],
    reference: Sample | ArrayLike,
    *,
    overlap: float = 0.0,
) -> dict[str, Difference]:
    """Return how much each sample is above `reference`, as that many comparisons at once.

    Parameters
    ----------
    samples : mapping of str to Sample or array_like, shape (n,)
        What is compared.
    reference : Sample or array_like of float, shape (n,)
        What all of them are compared with.
    overlap : float
        As in `difference`.

    Returns
    -------
    dict of str to Difference
        By the names of `samples`.

    Examples
    --------
    >>> none = [0.84, 0.85, 0.84, 0.85]
    >>> ways = {"crops": [0.86, 0.87, 0.85, 0.88], "flips": [0.84, 0.86, 0.85, 0.85]}
    >>> leads = differences(ways, none)
    >>> [name for name, lead in leads.items() if lead.is_difference]
    ['crops']
    """
    return {
        name: difference(sample, reference, comparisons=len(samples), overlap=overlap)
        for name, sample in samples.items()
    }


@dataclass(frozen=True)
class ErrorSources:
    """Standard errors of one mean, by what was drawn at random; made by `error_sources`.

    Parameters
    ----------
    mean : float
        The mean over seeds and examples.
    seeds : float
        From the choice of the seeds: what more seeds make smaller.
    test_set : float
        From the choice of the test examples: what only more examples make smaller.
    """

    mean: float
    seeds: float
    test_set: float

    @property
    def total(self) -> float:
        """For new seeds and new examples: the root of the sum of squares."""
        return math.hypot(self.seeds, self.test_set)


def error_sources(scores: ArrayLike) -> ErrorSources:
    """Tell apart what the seeds and what the test examples add to the uncertainty of a mean.

    With S seeds and P examples the score is taken as μ + s + p + e, with variances of seed,
    example and rest. The variance of the mean is then σ_s²/S + σ_p²/P + σ_e²/(SP). The spread of
    the seeds' means over S estimates the first and last term together. The spread of the
    examples' means contains the rest as well, σ_p² + σ_e²/S, which is taken off by the residual
    mean square of the two-way table; an estimate below 0 becomes 0.

    Parameters
    ----------
    scores : array_like of float, shape (n_seeds, n_examples)
        A score for every seed and test example, such as 0 or 1 for wrong or right, or the
        difference of two such tables. At least two of each.

    Returns
    -------
    ErrorSources
        In the unit of the scores.

    Raises
    ------
    TypeError, ValueError
        If `scores` is no such table.

    References
    ----------
    S. R. Searle, G. Casella and C. E. McCulloch, *Variance Components*, 1992, chapter 4.

    Examples
    --------
    >>> sources = error_sources([[1, 0, 1, 1], [1, 0, 1, 0]])
    >>> print(f"{sources.seeds:.3f} {sources.test_set:.3f}")
    0.125 0.204
    """
    table = finite_numbers("scores", scores).astype(float)
    if table.ndim != 2 or min(table.shape) < 2:
        raise ValueError(
            f"scores must have at least 2 seeds and 2 examples, got shape {table.shape}"
        )
    n_seeds, n_examples = table.shape
    of_seed, of_example = table.mean(axis=1), table.mean(axis=0)
    rest = table - of_seed[:, None] - of_example + table.mean()
    rest_variance = (rest**2).sum() / ((n_seeds - 1) * (n_examples - 1))
    example_variance = max(of_example.var(ddof=1) - rest_variance / n_seeds, 0)
    return ErrorSources(
        mean=float(table.mean()),
        seeds=math.sqrt(of_seed.var(ddof=1) / n_seeds),
        test_set=math.sqrt(example_variance / n_examples),
    )


def _row(name: str, values: Sample | ArrayLike) -> NDArray:
    """Return `values` as at least two floats in a row."""
    if isinstance(values, Sample):
        return values.values
    if isinstance(values, numbers.Number):
        raise TypeError(f"{name} must be one value a run, got the number {values!r}")
    row = finite_numbers(name, values).astype(float)
    if row.ndim != 1 or len(row) < 2:
        raise ValueError(f"{name} must be a row of at least 2 values, got shape {row.shape}")
    return row


def _texts(spread: float, *values: float) -> list[str]:
    """Return the values with the decimals at which `spread` has one digit, or two from a 1 on."""
    if spread == 0:
        return [f"{value:g}" for value in values]
    digits, _, exponent = f"{spread:.1e}".partition("e")
    decimals = digits.startswith("1") - int(exponent)
    if max(map(abs, values)) < 1e-3:
        exponents = [int(f"{value:e}".partition("e")[2]) for value in values]
        return [
            f"{value:.{max(decimals + exponent, 0)}e}"
            for value, exponent in zip(values, exponents, strict=True)
        ]
    return [f"{value:.{max(decimals, 0)}f}" for value in values]
