r"""How fast gradient descent may go on a table of features, and how long it then takes.

A linear model with bias, :math:`h(x) = w^\top x + b`, is trained by plain gradient descent on the
mean squared error. Everything that its speed depends on is in the Hessian :math:`H = 2A^\top A/n`,
where :math:`A` holds the rows and a column of ones; the targets play no part.

Every function takes the features as the model gets them: `x`, array_like of shape
(n_rows, n_features). It raises TypeError if they are not numbers, and ValueError if they are no
table, are empty, or hold NaN or infinity.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lecture_utils.arguments import finite_numbers


def squared_error_hessian(x: ArrayLike) -> NDArray[np.float64]:
    r"""Return the matrix of second derivatives of the mean squared error.

    .. math:: H = \frac{2}{n} A^\top A, \qquad A = [x, 1]

    Returns
    -------
    ndarray of float64, shape (n_features + 1, n_features + 1)
        The same at every point: the cost is a quadratic function. The bias comes last.

    Examples
    --------
    >>> squared_error_hessian([[1.0], [3.0]]).tolist()
    [[10.0, 4.0], [4.0, 2.0]]
    """
    a = _with_ones(x)
    return 2 / len(a) * a.T @ a


def largest_stable_rate(x: ArrayLike) -> float:
    r"""Return the learning rate below which gradient descent converges.

    .. math:: \alpha_{\max} = \frac{2}{\lambda_{\max}(H)}

    Below it the cost falls at every step, from every start; above it the parameters grow without
    limit from almost every start. In units of 1 / (unit of the largest column)². Checked against
    runs of gradient descent just below and just above.

    Examples
    --------
    >>> from lecture_utils.lecture_tables import stock_rows
    >>> f"{largest_stable_rate(stock_rows()[:, :4]):.1e}"
    '6.0e-13'
    """
    a = _with_ones(x)
    return float(len(a) / np.linalg.norm(a, ord=2) ** 2)


def condition_number(x: ArrayLike) -> float:
    r"""Return the ratio of the largest to the smallest curvature of the cost.

    .. math:: \kappa = \frac{\lambda_{\max}(H)}{\lambda_{\min}(H)}

    At the best rate, gradient descent needs a number of steps proportional to it. At least 1, and
    infinite if a feature is a linear function of the others, as a constant column always is
    beside the bias.

    The square of the ratio of the singular values of :math:`A`, which keeps twice as many digits
    as the eigenvalues of :math:`H`. Singular values below ``max(n_rows, n_features + 1)`` times
    the rounding error of the largest count as zero, as in ``numpy.linalg.matrix_rank``.

    Examples
    --------
    >>> round(condition_number([[-1.0], [1.0], [3.0]]), 2)
    6.0
    >>> condition_number([[5.0], [5.0]])
    inf
    """
    a = _with_ones(x)
    singular_values = np.linalg.svd(a, compute_uv=False)
    largest, smallest = singular_values[0], singular_values[-1]
    rounding = max(a.shape) * np.finfo(float).eps * largest
    if len(singular_values) < a.shape[1] or smallest <= rounding:
        return float("inf")
    return float((largest / smallest) ** 2)


def _with_ones(x: ArrayLike) -> NDArray[np.float64]:
    """Return the rows of `x` with a one at their end, for the bias."""
    x = finite_numbers("x", x).astype(float)
    if x.ndim != 2:
        raise ValueError(f"x must have shape (n_rows, n_features), got {x.shape}")
    return np.column_stack([x, np.ones(len(x))])
