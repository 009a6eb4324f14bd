"""What no translation may do, in any language: lose or change what is not prose."""

import re
from collections import Counter
from collections.abc import Iterator

from markdown_it import MarkdownIt

from coursebook.translation.blocks import Message

#: Kept as they are. Code and formulas may be repeated or joined, the others keep their number.
KEPT = {
    "number from a run": re.compile(r"\{glue:\w+\}`[^`]*`"),
    "code": re.compile(r"(?<!\})(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S),
    "formula": re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.S),
    "link": re.compile(r"(?<=\]\()[^)]*(?=\))"),
    "tag": re.compile(r"</?[a-z][^>]*>"),
}
STRICT = {"number from a run", "link", "tag"}
NAME = re.compile(r"\{\w+\}")
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
#: An English text that says a number in words.
IN_WORDS = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|"
    r"hundred|thousand|half|halve|quarter|third|tenth|double|twice|fold|times|first|second|last|"
    r"both|once|single)",
    re.I,
)
ONE_LINE = {"heading", "cell", "summary", "caption", "alt", "comment", "string", "feedback",
            "question", "description", "interface"}  # fmt: skip
#: What the site knows an option of a quiz, the right one, and a question by.
LEAD = re.compile(r"\A(?:\([a-z]\) (?:\*\*)?|\*\*\d+\.)")
MARKDOWN = {"text", "heading", "cell", "caption"}
PARSER = MarkdownIt("commonmark")


def complaints(message: Message, text: str) -> Iterator[str]:
    """Yield what is wrong with `text` as a translation of a message.

    >>> list(complaints(Message("It is `0.1`, see [there](a.md)."), "[여기](b.md)를 보세요."))
    ["code: ['`0.1`'] is missing", "link: ['a.md'] is missing", "link: ['b.md'] is new"]
    """
    source = message.text
    if message.kind in ONE_LINE and "\n" in text.strip():
        yield "it must be one line"
    if message.kind == "cell" and re.search(r"(?<!\\)\|", text):
        yield "a | ends the cell of a table"
    if lead := LEAD.match(source):
        found = LEAD.match(text)
        if not found or found[0] != lead[0]:
            yield f"it must begin with {lead[0]}"
    for what, pattern in KEPT.items():
        yield from _lost_or_new(what, pattern, source, text)
    if message.kind in ("string", "feedback"):
        yield from _compared("name", NAME, source, text)
    before, after = (Counter(_numbers(part)) for part in (source, text))
    if lost := sorted((before - after).elements()):
        yield f"number: {lost} is missing"
    if (new := sorted((after - before).elements())) and not IN_WORDS.search(source):
        yield f"number: {new} is new"
    if message.kind in MARKDOWN and _open_emphasis(text):
        yield "emphasis is not closed: put the bracket or mark at its end outside of it"


def _lost_or_new(what: str, pattern: re.Pattern, source: str, text: str) -> Iterator[str]:
    if what != "number from a run":
        source, text = (KEPT["number from a run"].sub("", part) for part in (source, text))
    yield from _compared(what, pattern, source, text, repeatable=what not in STRICT)


def _compared(
    what: str, pattern: re.Pattern, source: str, text: str, *, repeatable: bool = True
) -> Iterator[str]:
    before, after = (
        Counter(found[0] for found in pattern.finditer(part)) for part in (source, text)
    )
    lost = set(before) - set(after) if repeatable else before - after
    new = set(after) - set(before) if repeatable else after - before
    if lost:
        yield f"{what}: {sorted(lost)} is missing"
    if new:
        yield f"{what}: {sorted(new)} is new"


def _numbers(text: str) -> list[str]:
    for pattern in KEPT.values():
        text = pattern.sub(" ", text)
    return [number.replace(",", "") for number in NUMBER.findall(text)]


def _open_emphasis(text: str) -> bool:
    """Return whether a mark of emphasis shows as itself, as before Hangul after a bracket."""
    html = PARSER.render(KEPT["number from a run"].sub("x", text))
    html = re.sub(r"<code>.*?</code>|<[^>]*>|\$[^$]*\$", "", html, flags=re.S)
    return bool(re.search(r"\*|(?<![\w`])_(?=\w)", html))
