"""Compile requirements.txt, the one environment of people, CI and Binder, from pyproject.toml."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
HEAD = (
    "# Compiled by 'make lock' from pyproject.toml: do not edit. "
    "Read by make, by CI and by Binder.\n"
)
#: Makes lecture_utils importable from chapters/, in Binder too.
TAIL = "-e .\n"


def main() -> int:
    """Write the lock for every Python and system that pyproject.toml allows."""
    compile_command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "--universal", "--upgrade"),
        *("--python-version", "3.11", "--all-extras", "--no-annotate", "--no-header", "--quiet"),
        "pyproject.toml",
    ]
    # A single file of names and versions: indexes are a matter of the machine that installs.
    compiled = subprocess.run(
        [*compile_command, "--no-emit-index-url", "--no-emit-find-links"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout
    LOCK.write_text(HEAD + compiled + TAIL, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
