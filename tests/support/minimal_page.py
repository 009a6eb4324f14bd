"""The smallest lesson that holds to every rule; the canaries spoil it."""

from pathlib import Path

NAME = "90_spoilt"
HEADER = """---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
lecture:
  requires: []
---
"""
ANSWERS = """
"90.1":
  expected: 2
  wrong:
    - {answer: 1, feedback: that is only one of them}
"""
EXERCISE = (
    'from lecture_utils.exercises import check\n\nanswer = {}\ncheck(answer, exercise="90.1")'
)


def cell(source: str, *tags: str) -> str:
    """Return a code cell in MyST."""
    marked = f":tags: [{', '.join(tags)}]\n\n" if tags else ""
    return f"```{{code-cell}} ipython3\n{marked}{source}\n```\n"


def fold(summary: str, text: str) -> str:
    """Return what a reader unfolds."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>\n"


def page(number: str = "1.5", extra: str = "") -> str:
    """Return a lesson that prints and records `number`, with `extra` text in it."""
    record = f"from lecture_utils.records import record\n\nrecord(x={number})"
    parts = [
        HEADER,
        "# 90 Spoil a page\n\nWhat is x?\n",
        "Somebody has 1.5 apples.\n",
        "> **Predict.** What is x?\n",
        "**After this lesson** you can print.\n\n**You need** nothing.\n"
        "It takes {glue:text}`reading_minutes:.0f` minutes to read, "
        "and {glue:text}`exercise_minutes:.0f` to do.\n",
        cell(f"print({number})"),
        cell(record, "remove-cell"),
        "The number is {glue:text}`x:.2f`.\n",
        extra,
        cell("print(3)"),
        "## A tempting idea\n\n## When it goes wrong\n\n## Summary\n\n## Exercises\n",
        "**1. By hand.**\nAdd one and one.\n",
        fold("Hint 1", "Count."),
        cell(EXERCISE.format("..."), "exercise"),
        fold("Solution", f"```python\n{EXERCISE.format(2)}\n```\n\nThat was easy."),
        "## Quiz\n\n**1.** Which?\n\n- (a) This.\n- (b) That.\n",
        fold("Answers", "- (a) **Right.** It is this.\n- (b) No, that is another one."),
        "## Next\n",
    ]
    return "\n".join(parts)


def write(folder: Path, text: str) -> Path:
    """Write a page and its answers into the chapters of a course; return the page."""
    path = folder / "chapters" / f"{NAME}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.with_name(f"{NAME}.answers.yml").write_text(ANSWERS, encoding="utf-8")
    return path
