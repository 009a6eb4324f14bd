"""The smallest page under the rules of a chapter that is not yet split."""

from minimal_page import HEADER, cell

from coursebook import rules

#: Of `anatomy.NOT_YET_SPLIT`: what a page is called decides by which rules it is judged.
NAME = "17_scaling_out"
CHECK = "from lecture_utils.exercises import check\n\ncheck({answer}, expected=2)"


def page(number: str = "1.5", extra: str = "") -> str:
    """Return a page that prints and records `number`, with `extra` text in it."""
    record = f"from lecture_utils.records import record\n\nprint({number})\nrecord(x={number})"
    exercises = (
        cell(CHECK.format(answer="..."), "exercise"),
        cell(CHECK.format(answer="2"), "hide-cell"),
    )
    parts = [
        HEADER,
        "# 17 Spoil a chapter\n\n## Overview\n",
        "**You will do** one thing.\n\n**You will learn** one.\n\n**You need** nothing.\n",
        "> **Predict.** What is x?\n",
        cell(record),
        "The number is {glue:text}`x:.2f`.\n",
        extra,
        *(cell(f"print({i})") for i in range(8)),
        *(f"## {heading}\n" for heading in rules.HEADINGS["chapter"][1:7]),
        *(part for _ in range(3) for part in exercises),
        "## Quiz\n\n**1.** Which?\n\n<details><summary>Answer</summary>\n\nThis.\n\n</details>\n",
        "## Further reading\n",
    ]
    return "\n".join(parts)
