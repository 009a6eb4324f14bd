"""Keep stored results when their code changes and what it computes does not.

    python scripts/restamp.py                        what has changed since its results were stored
    python scripts/restamp.py 12_cifar100            run old and new code, compare, stamp
    python scripts/restamp.py 12_cifar100 --short    as short as experiments/short_runs.toml says

A result says which code made it (`lecture_utils.used_code`). The old code comes from git: that of
the last commit, up to the one that stored this digest, whose code has it. Where old and new code
are the same, because only the form of the digest has changed, the new digest is written at once.
Otherwise both run on this machine, with one seed; if they agree to the last bit, the new digest
is written. A comparison with the stored digits would not do: an unchanged script gives others on
another machine.

The times of a benchmark cannot be confirmed; they are kept if the new code, run after the old one
with one seed, is hardly slower (`SLOWER`) and finds all else the same. Leave the machine alone
meanwhile.

Old and new settings must be equal; ``--short`` changes them in both. It leaves every branch of a
script in, but a full run sees more.
"""

import argparse
import ast
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from lecture_utils.runtime import THREAD_VARIABLES
from lecture_utils.used_code import code_digest

ROOT = Path(__file__).resolve().parent.parent
#: What a script needs beside it, if it is there.
COPIED = ("appendices", "benchmarks", "coursebook", "experiments", "lecture_utils")
#: For each script the settings of a short run; ``seeds`` is the number of seeds, ``not_compared``
#: are places that differ from run to run.
SHORT_RUNS = "experiments/short_runs.toml"
#: How many commits are searched.
LONGEST_SEARCH = 30
#: Names of results that differ from run to run: times, and what the operating system decides.
MEASURED = re.compile(
    r"(.+_)?(s|seconds|mebibytes)|((matrix|batch)_product|exponential)_rate(_one_core)?"
)
#: How much slower the new code of a benchmark may be.
SLOWER = 1.25


class NotTheSame(Exception):
    """The new code is not shown to do what the old one did."""


def scripts(root: Path = ROOT) -> dict[str, Path]:
    """Return the scripts with stored results, by name."""
    found = {}
    for folder in ("experiments", "benchmarks"):
        for result in sorted((root / folder / "results").glob("*.json")):
            found[result.stem] = root / folder / f"{result.stem}.py"
    return found


def result_of(script: Path) -> Path:
    """Return the file with the results of a script."""
    return script.parent / "results" / f"{script.stem}.json"


def stored_digest(script: Path) -> str:
    """Return the digest that the results of a script carry."""
    return json.loads(result_of(script).read_text(encoding="utf-8"))["digest"]


def short_settings(name: str) -> dict[str, object]:
    """Return the settings of a short run of a script, none for a benchmark."""
    return tomllib.loads((ROOT / SHORT_RUNS).read_text(encoding="utf-8")).get(name, {})


def restamp(script: Path, *, changes: dict[str, object], root: Path = ROOT) -> str:
    """Write the digest of the present code into the results of `script`, if that is right.

    Returns what was found, a sentence. Raises `NotTheSame` if the results cannot be kept.
    """
    changes = dict(changes)
    not_compared = changes.pop("not_compared", [])
    current = code_digest(script, package=root / "lecture_utils")
    if stored_digest(script) == current:
        return "its results belong to the present code"
    with tempfile.TemporaryDirectory() as temporary:
        old_root, new_root = Path(temporary, "old"), Path(temporary, "new")
        commit = unpack_old(script, old_root, root)
        old_script = old_root / script.relative_to(root)
        if code_digest(old_script, package=old_root / "lecture_utils") == current:
            found = f"the code is that of commit {commit}; only the form of the digest is new"
        else:
            for name in COPIED:
                if (root / name).is_dir():
                    shutil.copytree(root / name, new_root / name)
            old, new = (
                run(folder / script.relative_to(root), folder, **changes)
                for folder in (old_root, new_root)
            )
            compare(old, new, not_compared)
            found = f"old code (commit {commit}) and new code agree to the last bit"
            if script.parent.name == "benchmarks":
                found += f"; in time they differ by {compare_times(old, new):.2f} at most"
    replace_digest(result_of(script), current)
    return f"stamped: {found}"


def unpack_old(script: Path, folder: Path, root: Path) -> str:
    """Write the tree whose code made the stored results; return the short name of its commit."""
    digest, name = stored_digest(script), script.relative_to(root)
    git = ["git", "-C", str(root)]
    log = [*git, "log", "--format=%h", f"--max-count={LONGEST_SEARCH}"]
    stored = subprocess.run(
        [*log, f"-S{digest}", "--", result_of(name).as_posix()],
        check=True, capture_output=True, encoding="utf-8",
    ).stdout.split()  # fmt: skip
    if not stored:
        raise NotTheSame("git has no commit that stored its results")
    first = stored[-1]
    # What a stamp was based on can lie before the commit that stored it, after a rebase.
    commits = subprocess.run(
        [*log, first], check=True, capture_output=True, encoding="utf-8"
    ).stdout.split()
    for commit in commits:
        shutil.rmtree(folder, ignore_errors=True)
        archive = subprocess.run([*git, "archive", commit], check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as tree:
            tree.extractall(folder, filter="data")
        old = folder / name
        if not old.is_file():
            break
        # The tree's own way first: today's may count other modules.
        if digest in (
            code_digest_in(old, folder),
            code_digest(old, package=folder / "lecture_utils"),
        ):
            return commit
    raise NotTheSame(f"no commit up to {first}, which stored its results, has their code")


def code_digest_in(script: Path, root: Path) -> str:
    """Return the digest that a tree gives to a script, by its own way of making it."""
    defining = [
        path
        for path in sorted((root / "lecture_utils").rglob("*.py"))
        if "\ndef code_digest(" in path.read_text(encoding="utf-8")
    ]
    module = ".".join(defining[0].relative_to(root).with_suffix("").parts)
    code = f"import sys; from {module} import code_digest; print(code_digest(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(script)]
    environment = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run(command, cwd=root, env=environment, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode().strip()


def run(script: Path, root: Path, *, seeds: int = 1, **changes: object) -> dict:
    """Run a script of an unpacked tree; return what it stores, with all digits."""
    change_settings(script, changes)
    store_all_digits(root)
    temporary = root / "temporary"  # for the parts of a run that the script keeps
    temporary.mkdir()
    # How many threads there are is a matter of the machine, and changes the order of additions.
    threads = dict.fromkeys(THREAD_VARIABLES, "1")
    environment = os.environ | threads | {"PYTHONPATH": str(root), "TMPDIR": str(temporary)}
    command = [sys.executable, str(script), "--seeds", str(seeds)]
    if script.parent.name == "benchmarks":
        command = [sys.executable, str(script.with_name("run.py")), script.stem.split("_")[0]]
        # What was searched is taken over from the stored results, if they are those of the code.
        replace_digest(result_of(script), code_digest_in(script, root))
    else:
        result_of(script).unlink(missing_ok=True)
    subprocess.run(command, cwd=root, env=environment, check=True)
    return json.loads(result_of(script).read_text(encoding="utf-8"))


def change_settings(script: Path, changes: dict[str, object]) -> None:
    """Change entries of SETTINGS; a dot leads into a nested one."""
    lines = script.read_text(encoding="utf-8").splitlines(keepends=True)
    ends = {
        ast.unparse(node.targets[0]): node.end_lineno
        for node in ast.parse("".join(lines)).body
        if isinstance(node, ast.Assign)
    }
    for name, value in changes.items():
        entry = "".join(f"[{part!r}]" for part in name.split("."))
        lines.insert(
            ends["SETTINGS"], f"SETTINGS{entry}; SETTINGS{entry} = {value!r}\n"
        )  # known names only
    if "SEEDS" in ends:  # a benchmark, whose page shows a standard deviation
        lines.insert(ends["SETTINGS"], "SEEDS = [0, 1]\n")
    script.write_text("".join(lines), encoding="utf-8")


def store_all_digits(root: Path) -> None:
    """Make the package of an unpacked tree store every digit of a number."""
    (path,) = (
        path
        for path in sorted((root / "lecture_utils").rglob("*.py"))
        if "\nSIGNIFICANT_DIGITS = 6\n" in path.read_text(encoding="utf-8")
    )
    code = path.read_text(encoding="utf-8")
    all_digits = code.replace("\nSIGNIFICANT_DIGITS = 6\n", "\nSIGNIFICANT_DIGITS = 17\n")
    path.write_text(all_digits, encoding="utf-8")


def compare(old: dict, new: dict, not_compared: Sequence[str] = ()) -> None:
    """Raise `NotTheSame` unless settings, seeds and results of two runs are equal."""
    for part in ("settings", "seeds", "results"):
        places = [
            place
            for place in differences(old[part], new[part], part)
            if not place.startswith(tuple(not_compared))
        ]
        if places:
            few = "; ".join(places[:3])
            raise NotTheSame(f"old and new code differ in {len(places)} places: {few}")


def differences(old: object, new: object, place: str) -> list[str]:
    """Return where two nested values differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        measured = MEASURED.fullmatch if place.startswith("results") else lambda name: False
        names = sorted(name for name in {*old, *new} if not measured(name))
        pairs = [(old.get(name, "nothing"), new.get(name, "nothing"), name) for name in names]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(*pair, str(n)) for n, pair in enumerate(zip(old, new, strict=True))]
    else:
        return [] if repr(old) == repr(new) else [f"{place} was {old!s:.60}, is {new!s:.60}"]
    return [found for a, b, name in pairs for found in differences(a, b, f"{place}/{name}")]


def compare_times(old: dict, new: dict) -> float:
    """Return how much longer the new code takes where it falls back most; raise if too much."""
    pairs = zip(fastest(old["results"]), fastest(new["results"]), strict=True)
    ratio = max(after / before for before, after in pairs)
    if ratio > SLOWER:
        raise NotTheSame(f"the new code takes {ratio:.2f} times as long")
    return ratio


def fastest(found: object, *, timed: bool = False) -> Iterator[float]:
    """Yield the smallest of each list of seconds in nested results, but for what was searched."""
    if isinstance(found, dict):
        for name in sorted(found.keys() - {"searched"}):
            yield from fastest(found[name], timed=timed or re.fullmatch("(.+_)?s(econds)?", name))
    elif isinstance(found, list) and timed:
        yield min(found)


def replace_digest(result: Path, digest: str) -> None:
    """Write a new digest and leave every other byte of a result alone."""
    text = result.read_text(encoding="utf-8")
    old = json.loads(text)["digest"]
    result.write_text(text.replace(old, digest), encoding="utf-8", newline="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    known = scripts()
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0], usage="%(prog)s [NAME ...] [options]"
    )
    parser.add_argument("names", nargs="*", help="as in experiments/results; all, but run nothing")
    parser.add_argument("--short", action="store_true", help="change SETTINGS of both, to be quick")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(known)
    if unknown:
        parser.error(f"no stored results: {', '.join(sorted(unknown))}")
    failed = False
    for name in options.names or known:
        script = known[name]
        stale = stored_digest(script) != code_digest(script)
        try:
            if stale and not options.names:
                found = "the code has changed"
            else:
                found = restamp(script, changes=short_settings(name) if options.short else {})
        except NotTheSame as reason:
            found, failed = f"NOT stamped: {reason}", True
        print(f"{name}: {found}", flush=True)
    return int(failed)
