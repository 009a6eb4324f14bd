"""Store and load the results of long runs, tied to the code that made them.

A script ``experiments/NN_name.py`` trains for minutes and saves what it measured as
``experiments/results/NN_name.json``. The chapter loads that file and repeats a small part live.
"""

import ast
import hashlib
import json
import math
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

PACKAGE_FOLDER = Path(__file__).resolve().parent
RESULTS_FOLDER = PACKAGE_FOLDER.parent / "experiments" / "results"

#: Not part of a digest, because the data are pinned by digests of their content, and this module
#: writes down what the other code measured.
OUTSIDE_DIGEST = frozenset({"datasets", "experiments"})

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
        `code_digest`), ``duration_s`` (seconds), ``machine`` and ``versions``.

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


def code_digest(script: str | Path, *, package: Path = PACKAGE_FOLDER) -> str:
    """Return a digest of `script` and of the code in ``lecture_utils`` that it uses.

    SHA-256 over the syntax trees of the script and, transitively, of the modules of the
    package that it imports. Comments, docstrings, formatting and line endings do not count,
    and neither do the modules in `OUTSIDE_DIGEST`. The same on every system and for Python
    3.11 to 3.13.

    Parameters
    ----------
    script : str or Path
        A Python file.
    package : Path
        Folder of the package ``lecture_utils``.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    FileNotFoundError
        If `script` does not exist.
    SyntaxError
        If a file is not valid Python.
    ValueError
        If a module of the package uses a relative import.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as temporary:
    ...     script = Path(temporary, "script.py")
    ...     _ = script.write_text("x = 1  # one")
    ...     first = code_digest(script)
    ...     _ = script.write_text("x = (1)")
    ...     print(code_digest(script) == first)
    ...     _ = script.write_text("x = 2")
    ...     print(code_digest(script) == first)
    True
    False
    """
    trees = {"": _parse(Path(script))}
    waiting = [trees[""]]
    while waiting:
        for name, path in _imported_modules(waiting.pop(), package):
            if name not in trees and name.split(".")[0] not in OUTSIDE_DIGEST:
                trees[name] = _parse(path)
                waiting.append(trees[name])
    canonical = json.dumps([[name, _canonical(trees[name])] for name in sorted(trees)])
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _parse(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_bytes(), filename=str(path))


def _imported_modules(tree: ast.Module, package: Path) -> Iterator[tuple[str, Path]]:
    """Yield (dotted name below the package, file) of each module of the package imported."""
    root = package.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            raise ValueError(f"relative import in line {node.lineno}: write it out from {root}")
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == root:
                yield from _files_of(parts[1:], package)


def _files_of(parts: Sequence[str], package: Path) -> Iterator[tuple[str, Path]]:
    """Yield the module that `parts` lead to, and the packages on the way to it."""
    for depth in range(1, len(parts) + 1):
        name, place = ".".join(parts[:depth]), package.joinpath(*parts[:depth])
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path.is_file():
                yield name, path


def _canonical(node: object) -> object:
    """Return a syntax tree as nested lists that are the same for every version of Python."""
    if isinstance(node, list):
        return [_canonical(item) for item in node]
    if not isinstance(node, ast.AST):
        return None if node is None else ascii(node)
    fields = {name: value for name, value in ast.iter_fields(node) if name != "type_comment"}
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        fields["body"] = node.body[ast.get_docstring(node) is not None :]
    if isinstance(node, ast.JoinedStr):  # Python 3.12.1 adds empty texts to some f-strings
        fields["values"] = [part for part in node.values if getattr(part, "value", None) != ""]
    # Empty fields are left out because newer versions add some, such as type_params.
    filled = ((name, value) for name, value in fields.items() if value not in (None, []))
    return [type(node).__name__, *([name, _canonical(value)] for name, value in sorted(filled))]


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
