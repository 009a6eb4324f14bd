"""Store and load the results of long runs, tied to the code that made them.

A script ``experiments/NN_name.py`` trains for minutes and saves what it measured as
``experiments/results/NN_name.json``. The chapter loads that file and repeats a small part live.
A run that was stopped goes on where it was, and its seconds are those of the whole.
"""

import json
import math
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from importlib import metadata
from pathlib import Path

from lecture_utils.machine import instruction_sets, processor_name
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
        `lecture_utils.used_code.code_digest`), ``machine``, ``versions``, and ``wall_s`` and
        ``cpu_s``: seconds of the whole run, None where they were not measured.

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
    wall_s: float,
    cpu_s: float,
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
    wall_s, cpu_s : float
        Seconds of the whole run by the clock, and of all its processes together.
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
    ...                         wall_s=0.1, cpu_s=0.1, folder=Path(temporary))
    ...     load_results("01_half", folder=Path(temporary))["results"]
    {'half': [0.5]}
    """
    script = Path(script)
    document = {
        "settings": settings,
        "seeds": seeds,
        "results": results,
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "digest": code_digest(script),
        "machine": {
            "cores": os.cpu_count(),
            "architecture": platform.machine(),
            "processor": processor_name(),
            "instructions": instruction_sets(),
        },
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


class LongRun:
    """A run of a script that may be stopped and started again.

    Finished parts are kept in the system's temporary folder, in a folder of the code as it is
    now (`lecture_utils.used_code.code_digest`).

    Parameters
    ----------
    script : str or Path
        The running script: pass ``__file__``.

    Attributes
    ----------
    folder : Path
        Where the parts are kept. A part may keep other files here.

    Examples
    --------
    >>> import shutil
    >>> import tempfile
    >>> temporary = tempfile.TemporaryDirectory()
    >>> script = Path(temporary.name, "01_sum.py")
    >>> _ = script.write_text("print(1 + 1)")
    >>> run = LongRun(script)
    >>> run.part("one and one", lambda: 1 + 1)  # doctest: +ELLIPSIS
    one and one: ... s
    2
    >>> LongRun(script).part("one and one", lambda: 3)  # is there already
    2
    >>> shutil.rmtree(run.folder)
    >>> temporary.cleanup()
    """

    def __init__(self, script: str | Path) -> None:
        self.script = Path(script)
        name = f"{self.script.stem}-{code_digest(self.script)[:12]}"
        self.folder = Path(tempfile.gettempdir(), name)
        self.folder.mkdir(exist_ok=True)
        self._began = _seconds()
        self._new: set[str] = set()
        self._resumed: dict[str, tuple[float, float]] = {}

    def part(self, name: str, measure: Callable[[], object]) -> object:
        """Return what a part of the run found, from its file if it is there.

        Parameters
        ----------
        name : str
            Tells this part from all others.
        measure : callable
            Takes no argument, and returns nested mappings, sequences and arrays of numbers and
            strings.

        Returns
        -------
        object
            What `measure` returned, with lists in place of arrays, tuples and other sequences,
            and keys that are strings.
        """
        return self.parts({name: measure})[name]

    def parts(
        self, measures: Mapping[str, Callable[[], object]], pool: Executor | None = None
    ) -> dict[str, object]:
        """Return what several parts found, by name; new ones run side by side in `pool`.

        Parameters
        ----------
        measures : mapping of str to callable
            As in `part`. With a pool of processes they must be picklable.
        pool : Executor, optional
            One after the other by default.

        Returns
        -------
        dict
            By name, in the order of `measures`.
        """
        paths = {name: self.folder / f"{name.replace('/', '_')}.json" for name in measures}
        missing = [name for name, path in paths.items() if not path.is_file()]
        self._new.update(missing)
        if pool is None:
            for name in missing:
                _keep(name, paths[name], measures[name])
        else:
            for future in [pool.submit(_keep, n, paths[n], measures[n]) for n in missing]:
                future.result()
        found = {}
        for name, path in paths.items():
            kept = json.loads(path.read_text(encoding="utf-8"))
            found[name] = kept["found"]
            if name not in self._new:
                self._resumed[name] = kept["wall_s"], kept["cpu_s"]
        return found

    def seconds(self) -> tuple[float, float]:
        """Return the seconds of the whole run, by the clock and of all processes together.

        Those of kept parts are the ones that they took when they ran. A process of a pool counts
        when it has ended.

        Returns
        -------
        tuple of float
            Seconds by the clock, and CPU seconds.
        """
        spent = [now - began for now, began in zip(_seconds(), self._began, strict=True)]
        wall_s, cpu_s = (sum(times) for times in zip(spent, *self._resumed.values(), strict=True))
        return wall_s, cpu_s

    def save(
        self,
        *,
        settings: Mapping,
        seeds: Sequence[int],
        results: Mapping,
        folder: Path = RESULTS_FOLDER,
    ) -> Path:
        """Write what was measured, as `save_results` does, and say where.

        Parameters
        ----------
        settings, seeds, results, folder
            As in `save_results`.

        Returns
        -------
        Path
            The written file.
        """
        wall_s, cpu_s = self.seconds()
        path = save_results(
            self.script,
            settings=settings,
            seeds=seeds,
            results=results,
            wall_s=wall_s,
            cpu_s=cpu_s,
            folder=folder,
        )
        print(f"wrote {path}")
        return path


def _seconds() -> tuple[float, float]:
    """Return the time of the clock, and of the CPU for this process and those that it ended."""
    times = os.times()
    return time.perf_counter(), sum(times[:4])


def _keep(name: str, path: Path, measure: Callable[[], object]) -> None:
    """Run one part and write what it finds and how long it takes."""
    began = _seconds()
    found = measure()
    wall_s, cpu_s = (now - then for now, then in zip(_seconds(), began, strict=True))
    kept = {"found": found, "wall_s": wall_s, "cpu_s": cpu_s}
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(kept, default=_listed), encoding="utf-8")
    unfinished.replace(path)
    print(f"{name}: {wall_s:.1f} s", flush=True)


def _listed(value: object) -> object:
    """Return an array, a number of NumPy or another sequence as JSON can hold it."""
    return value.tolist() if hasattr(value, "tolist") else list(value)


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
