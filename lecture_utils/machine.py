"""What this machine is, how long it takes, and what it can attain."""

import platform
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

#: Instructions that decide how fast, and in the last digits how, networks compute, and what
#: Linux and macOS call them: vectors of 256 and 512 bits; dot products of 8-bit numbers;
#: products of small matrices; the last two in Arm's words.
INSTRUCTIONS = {
    "AVX2": {"avx2", "hw.optional.avx2_0"},
    "AVX-512": {"avx512f", "hw.optional.avx512f"},
    "VNNI": {"avx512_vnni", "avx_vnni", "hw.optional.avx512vnni"},
    "AMX": {"amx_int8"},
    "dotprod": {"asimddp", "hw.optional.arm.FEAT_DotProd"},
    "i8mm": {"i8mm", "hw.optional.arm.FEAT_I8MM"},
}


def processor_name() -> str:
    """Return the processor's name as the system tells it, or its architecture.

    Returns
    -------
    str
        Such as ``"Intel(R) Core(TM) i7-1185G7"``; never empty.

    Examples
    --------
    >>> processor_name() != ""
    True
    """
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(iter(names), "") or platform.processor() or platform.machine() or "unknown"


def instruction_sets() -> list[str]:
    """Return which of the `INSTRUCTIONS` this processor has.

    Returns
    -------
    list of str
        Their names, in that order; empty where the system does not tell (neither Linux nor macOS).

    Examples
    --------
    >>> set(instruction_sets()) <= set(INSTRUCTIONS)
    True
    """
    told = set()
    if platform.system() == "Linux":
        told = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    elif platform.system() == "Darwin":
        command = ["sysctl", "hw.optional"]
        lines = subprocess.run(command, capture_output=True, encoding="utf-8").stdout.splitlines()
        told = {line.removesuffix(": 1") for line in lines if line.endswith(": 1")}
    return [name for name, names in INSTRUCTIONS.items() if names & told]


def seconds(function: Callable[[], object]) -> float:
    """Return the wall-clock seconds that one call of `function` takes.

    Parameters
    ----------
    function : callable
        Takes no argument, and returns when its work is done.

    Returns
    -------
    float
        Seconds.

    Examples
    --------
    >>> seconds(lambda: time.sleep(0.01)) >= 0.01
    True
    """
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def matrix_product_rate(n_threads: int | None = None, *, size: int = 1536) -> float:
    """Return how many operations a second this machine does in a float32 matrix product.

    A product of two square matrices has ``2 * size**3`` operations (multiplications and
    additions). The best of several, since whatever else runs can only slow one down.

    Parameters
    ----------
    n_threads : int, optional
        Threads that NumPy's linear algebra may use; all by default.
    size : int
        Rows of the matrices. Positive.

    Returns
    -------
    float
        Operations a second.

    Examples
    --------
    >>> matrix_product_rate(1, size=64) > 0
    True
    """
    matrix = np.ones((size, size), np.float32)
    product = np.empty_like(matrix)
    with threadpool_limits(n_threads):
        best = min(seconds(lambda: np.matmul(matrix, matrix, out=product)) for _ in range(10))
    return 2 * size**3 / best


def exponential_rate(*, size: int = 16_384) -> float:
    """Return how many float32 exponentials a second one core of this machine does.

    Parameters
    ----------
    size : int
        Numbers that are done in one go; they should fit into the cache. Positive.

    Returns
    -------
    float
        Exponentials a second, the best of several measurements.

    Examples
    --------
    >>> exponential_rate(size=64) > 0
    True
    """
    exponents = np.linspace(-10, 0, size, dtype=np.float32)
    values, n_repeats = np.empty_like(exponents), 100

    def exponentials() -> None:
        for _ in range(n_repeats):
            np.exp(exponents, out=values)

    return n_repeats * size / min(seconds(exponentials) for _ in range(10))
