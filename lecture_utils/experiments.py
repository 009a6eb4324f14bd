"""Store and load the results of long runs, tied to the code that made them.

A script ``experiments/NN_name.py`` trains for minutes and saves what it measured as
``experiments/results/NN_name.json``. The chapter loads that file and repeats a small part live.
"""

import json
import math
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from lecture_utils.used_code import PACKAGE_FOLDER, code_digest

RESULTS_FOLDER = PACKAGE_FOLDER.parent / "experiments" / "results"

#: Distributions whose version can change a trained result. TensorFlow has two names.
RECORDED_PACKAGES = ("keras", "numpy", "scikit-learn", "tensorflow", "tensorflow-cpu")

SIGNIFICANT_DIGITS = 6


def load_results(name: str, *, folder: Path = RESULTS_FOLDER) -> dict:
    """Return what the experiment `name` stored.

    Parameters
    ----------
    name : str
        File name of the script without ``.py``, such as ``"10_fashion_mnist"``.
    folder : Path
        Where the results lie.

    Returns
    -------
    dict
        ``settings``, ``seeds``, ``results`` as the script gave them, and ``digest`` (see
        `lecture_utils.used_code.code_digest`), ``duration_s`` (seconds), ``machine`` and
        ``versions``.

    Raises
    ------
    FileNotFoundError
        If there is no such result; the message lists those that exist.

    Examples
    --------
    >>> stored = load_results("10_fashion_mnist")
    >>> stored["settings"]["batch_size"]
    32
    """
    path = folder / f"{name}.json"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.json"))) or "none"
        raise FileNotFoundError(f"no results named {name!r}; there are: {known}")
    return json.loads(path.read_text(encoding="utf-8"))


def save_results(
    script: str | Path,
    *,
    settings: Mapping,
    seeds: Sequence[int],
    results: Mapping,
    duration_s: float,
    folder: Path = RESULTS_FOLDER,
) -> Path:
    """Write what `script` measured to ``folder/<name of the script>.json``.

    Keys are sorted and a list of numbers takes one line, so that a change shows as a small
    difference. A reader never sees a half-written file.

    Parameters
    ----------
    script : str or Path
        The running script: pass ``__file__``.
    settings : mapping
        Everything a reader needs to repeat the run.
    seeds : sequence of int
        Seeds of the runs, in the order of the results.
    results : mapping
        Nested mappings, sequences and arrays of numbers, strings, booleans and None. Floats
        are rounded to six significant digits. A value that does not exist (a run that
        diverged) is None.
    duration_s : float
        Wall-clock seconds of the whole run.
    folder : Path
        Where to write; made if missing.

    Returns
    -------
    Path
        The written file.

    Raises
    ------
    TypeError
        If a value cannot be stored.
    ValueError
        If a number is NaN or infinite.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as temporary:
    ...     script = Path(temporary, "01_half.py")
    ...     _ = script.write_text("print(1 / 2)")
    ...     path = save_results(script, settings={"n": 2}, seeds=[0], results={"half": [0.5]},
    ...                         duration_s=0.1, folder=Path(temporary))
    ...     load_results("01_half", folder=Path(temporary))["results"]
    {'half': [0.5]}
    """
    script = Path(script)
    document = {
        "settings": settings,
        "seeds": seeds,
        "results": results,
        "duration_s": duration_s,
        "digest": code_digest(script),
        "machine": {"cores": os.cpu_count(), "processor": platform.machine()},
        "versions": _versions(),
    }
    text = _json_lines(_plain(document, "")) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{script.stem}.json"
    unfinished = folder / f".{script.stem}.{os.getpid()}.partial"
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that can change a result."""
    versions = {"python": platform.python_version()}
    for package in RECORDED_PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _plain(value: object, place: str) -> object:
    """Return `value` with built-in types only and rounded floats; `place` is for messages."""
    if hasattr(value, "tolist"):  # NumPy arrays and scalars
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(item, f"{place}/{key}") for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [_plain(item, f"{place}/{index}") for index, item in enumerate(value)]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{place} is {value}: store None where there is no number")
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"{place} cannot be stored: {value!r}")


def _json_lines(value: object, indent: str = "") -> str:
    """Format as JSON, one key or one row of numbers a line."""
    inner = indent + "  "
    if isinstance(value, dict) and value:
        rows = [f"{json.dumps(key)}: {_json_lines(value[key], inner)}" for key in sorted(value)]
        opening, closing = "{}"
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        rows = [_json_lines(item, inner) for item in value]
        opening, closing = "[]"
    else:
        return json.dumps(value)
    separator = ",\n" + inner
    return f"{opening}\n{inner}{separator.join(rows)}\n{indent}{closing}"
