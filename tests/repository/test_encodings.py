"""Text from other programs is read as UTF-8 on every system; Ruff sees to the files."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = [
    path
    for folder in ("lecture_utils", "coursebook", "scripts", "tests", "benchmarks", "experiments")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def decoded_by_the_system(source: str) -> list[int]:
    """Return the lines in which a program is started and its text decoded by the code page."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("subprocess."):
            given = {keyword.arg for keyword in node.keywords}
            if not given.isdisjoint({"text", "universal_newlines"}) and "encoding" not in given:
                found.append(node.lineno)
    return found


def test_no_program_decodes_by_the_code_page_of_the_system():
    found = {path.name: decoded_by_the_system(path.read_text("utf-8")) for path in PROGRAMS}
    assert not {name: lines for name, lines in found.items() if lines}


@pytest.mark.parametrize(("options", "lines"), [("text=True", [1]), ("encoding='utf-8'", [])])
def test_canary_text_without_an_encoding(options, lines):
    assert decoded_by_the_system(f"subprocess.run(['git'], {options})") == lines
