"""How a page reads, in numbers: a description, never a rule.

    python scripts/text_stats.py PAGE ...      a page of chapters/ by name, or a file; none: all

Words and minutes leave out exercises and quiz; the rest is of the whole page. Code is what a reader
sees unfolded. The row `peers` has the medians over 276 pages of nine well-read courses: a page that
its readers finish and remember needs no excuse for leaving them.
"""

import argparse
import ast
import re
import statistics
from pathlib import Path

import jupytext

from coursebook import anatomy, rules

NUMBER = re.compile(r"(?<![\w.])[-+−]?\d[\d,]*(?:\.\d+)?|\{glue:text\}`[^`]*`")
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|\n{2,}")
DRAWS = re.compile(r"\b(ax\w*|axes|plt|figure)\b.*\.|explorable\(|_figure\(|Figure\(|!\[")
COLUMNS = (
    "words", "words a sentence", "numbers in 100 words", "visible cells", "visible lines",
    "lines a cell", "characters a line", "longest line", "names", "cells that draw", "exercises",
    "minutes", "minutes of exercises",
)  # fmt: skip
PEERS = {
    "visible lines": 95,
    "lines a cell": 5,
    "characters a line": 35,
    "names": 36,
    "numbers in 100 words": 0.7,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", nargs="*", help="as in 02_learning_rate, or the path of a page")
    names = parser.parse_args(arguments).pages
    known = {path.name: path.with_suffix(".md") for path in anatomy.pages()}
    paths = [known.get(name, Path(name)) for name in names] or list(known.values())
    table = {path.stem: measures(jupytext.read(path)) for path in paths} | {"peers": PEERS}
    width = max(map(len, table)) + 2
    for column in COLUMNS:
        print(f"{column:>24}", *(f"{_shown(row.get(column)):>{width}}" for row in table.values()))
    print(f"{'':24}", *(f"{name:>{width}}" for name in table))
    return 0


def measures(page) -> dict[str, float]:
    """Return the numbers of a page, by the names of `COLUMNS`."""
    text = anatomy.markdown(page)
    practice = anatomy.section(page, "Exercises") + anatomy.section(page, "Quiz")
    body = re.sub(r"^\|.*$|\$\$.+?\$\$", "", anatomy.FENCE.sub("", text), flags=re.M)
    for part in ("Exercises", "Quiz"):
        body = body.replace(anatomy.FENCE.sub("", anatomy.section(page, part)), "")
    words = anatomy.count_words(text) - anatomy.count_words(practice)
    sentences = [n for part in SENTENCE.split(body) if (n := anatomy.count_words(part)) > 1]
    cells = anatomy.visible_code(page)
    lines = [line for cell in cells for line in cell.splitlines() if line.strip()]
    reading, exercises = anatomy.minutes(page)
    return {
        "words": words,
        "words a sentence": statistics.median(sentences or [0]),
        "numbers in 100 words": 100 * len(NUMBER.findall(body)) / max(words, 1),
        "visible cells": len(cells),
        "visible lines": len(lines),
        "lines a cell": statistics.median([len(cell.splitlines()) for cell in cells] or [0]),
        "characters a line": statistics.median([len(line) for line in lines] or [0]),
        "longest line": max(map(len, lines), default=0),
        "names": len(set().union(*map(_names, cells))),
        "cells that draw": sum(
            bool(DRAWS.search(cell.source)) for cell in page.cells if cell.cell_type == "code"
        ),
        "exercises": sum("exercise" in cell.metadata.get("tags", []) for cell in page.cells),
        "minutes": reading,
        "minutes of exercises": exercises,
    }


def _names(source: str) -> set[str]:
    try:
        return rules.assigned(ast.parse(source))
    except SyntaxError:  # a magic command
        return set()


def _shown(number: float | None) -> str:
    return "" if number is None else f"{number:.1f}".removesuffix(".0")
