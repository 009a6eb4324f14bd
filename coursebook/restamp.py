"""Keep stored results when their code changes and what it computes does not.

    python scripts/restamp.py                        what has changed since its results were stored
    python scripts/restamp.py 12_cifar100            run old and new code, compare, stamp
    python scripts/restamp.py 12_cifar100 --with short_epochs=1 long_epochs=1

A result says which code made it (`lecture_utils.used_code`). The old code comes from git: the
commit that last wrote the result. Where the old code and the new one are the same, because only
the form of the digest has changed, the new digest is written at once. Otherwise both run on this
machine, with one seed; if they agree to the last bit, the new digest is written. A comparison
with the stored digits would not do: an unchanged script gives others on another machine.

Old and new settings must be equal. ``--with`` changes them in both, for a shorter run; settings
that the change concerns belong into the run.
"""

import argparse
import ast
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lecture_utils.used_code import code_digest

ROOT = Path(__file__).resolve().parent.parent
#: What a script needs beside it, if it is there.
COPIED = ("coursebook", "experiments", "lecture_utils")
#: Results that differ from run to run: times, and what the operating system decides.
NOT_COMPARED = frozenset({"cpu_s", "duration_s", "peak_mebibytes", "seconds", "wall_s"})


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


def restamp(
    script: Path, *, n_seeds: int = 1, changes: dict[str, object] | None = None, root: Path = ROOT
) -> str:
    """Write the digest of the present code into the results of `script`, if that is right.

    Returns what was found, a sentence. Raises `NotTheSame` if the results cannot be kept.
    """
    current = code_digest(script, package=root / "lecture_utils")
    if stored_digest(script) == current:
        return "its results belong to the present code"
    with tempfile.TemporaryDirectory() as temporary:
        old_root, new_root = Path(temporary, "old"), Path(temporary, "new")
        commit = unpack_old(script, old_root, root)
        old_script = old_root / script.relative_to(root)
        if digest_by_itself(old_script, old_root) != stored_digest(script):
            raise NotTheSame(f"commit {commit}, which stored its results, has other code")
        if code_digest(old_script, package=old_root / "lecture_utils") == current:
            found = f"the code is that of commit {commit}; only the form of the digest is new"
        elif script.parent.name == "benchmarks":
            raise NotTheSame("a benchmark measures times, which no run can confirm: `make bench`")
        else:
            for name in COPIED:
                if (root / name).is_dir():
                    shutil.copytree(root / name, new_root / name)
            old, new = (
                run(folder / script.relative_to(root), folder, n_seeds, changes or {})
                for folder in (old_root, new_root)
            )
            compare(old, new)
            found = f"old code (commit {commit}) and new code agree to the last bit"
    replace_digest(result_of(script), current)
    return f"stamped: {found}"


def unpack_old(script: Path, folder: Path, root: Path) -> str:
    """Write the tree of the commit that last stored the results; return its short name."""
    result = result_of(script).relative_to(root).as_posix()
    git = ["git", "-C", str(root)]
    if subprocess.run([*git, "diff", "--quiet", "HEAD", "--", result]).returncode:
        raise NotTheSame(f"{result} differs from the committed one: commit it, or check it out")
    log = [*git, "log", "-1", "--format=%h", "--", result]
    commit = subprocess.run(log, check=True, capture_output=True, encoding="utf-8").stdout.strip()
    if not commit:
        raise NotTheSame(f"git has no commit with {result}")
    archive = subprocess.run([*git, "archive", commit], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tree:
        tree.extractall(folder, filter="data")
    return commit


def digest_by_itself(script: Path, root: Path) -> str:
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


def run(script: Path, root: Path, n_seeds: int, changes: dict[str, object]) -> dict:
    """Run a script of an unpacked tree; return what it stores, with all digits."""
    change_settings(script, changes)
    store_all_digits(root)
    temporary = root / "temporary"  # for the parts of a run that the script keeps
    temporary.mkdir()
    environment = os.environ | {"PYTHONPATH": str(root), "TMPDIR": str(temporary)}
    command = [sys.executable, str(script), "--seeds", str(n_seeds)]
    result_of(script).unlink()
    subprocess.run(command, cwd=root, env=environment, check=True)
    return json.loads(result_of(script).read_text(encoding="utf-8"))


def change_settings(script: Path, changes: dict[str, object]) -> None:
    """Change entries of SETTINGS; a dot leads into a nested one."""
    lines = script.read_text(encoding="utf-8").splitlines(keepends=True)
    (ends,) = (
        node.end_lineno
        for node in ast.parse("".join(lines)).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SETTINGS"
    )
    for name, value in changes.items():
        entry = "".join(f"[{part!r}]" for part in name.split("."))
        lines.insert(ends, f"SETTINGS{entry}; SETTINGS{entry} = {value!r}\n")  # known names only
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


def compare(old: dict, new: dict) -> None:
    """Raise `NotTheSame` unless settings, seeds and results of two runs are equal."""
    for part in ("settings", "seeds", "results"):
        places = list(differences(old[part], new[part], part))
        if places:
            few = "; ".join(places[:3])
            raise NotTheSame(f"old and new code differ in {len(places)} places: {few}")


def differences(old: object, new: object, place: str) -> list[str]:
    """Return where two nested values differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = sorted({*old, *new} - NOT_COMPARED)
        pairs = [(old.get(name, "nothing"), new.get(name, "nothing"), name) for name in names]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(*pair, str(n)) for n, pair in enumerate(zip(old, new, strict=True))]
    else:
        return [] if repr(old) == repr(new) else [f"{place} was {old!s:.60}, is {new!s:.60}"]
    return [found for a, b, name in pairs for found in differences(a, b, f"{place}/{name}")]


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
    parser.add_argument("--seeds", type=int, default=1, help="number of seeds to compare with (1)")
    parser.add_argument(
        "--with", nargs="+", default=[], dest="changes", metavar="SETTING=VALUE",
        help="change SETTINGS of both, such as epochs=1 or source.epochs=1; values are JSON",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(known)
    if unknown:
        parser.error(f"no stored results: {', '.join(sorted(unknown))}")
    changes = {}
    for change in options.changes:
        name, _, value = change.partition("=")
        changes[name] = json.loads(value)
    failed = False
    for name in options.names or known:
        script = known[name]
        stale = stored_digest(script) != code_digest(script)
        try:
            if stale and not options.names:
                found = "the code has changed"
            else:
                found = restamp(script, n_seeds=options.seeds, changes=changes)
        except NotTheSame as reason:
            found, failed = f"NOT stamped: {reason}", True
        print(f"{name}: {found}", flush=True)
    return int(failed)
