"""The messages of a Markdown page, and the page with other texts in their places.

A message is a block of prose: a paragraph (also in a list, a quotation, a fold), a heading, a cell
of a table, the summary of a fold, an entry of the glossary, the caption or alternative text of a
figure, a comment in the code of a solution. All else stays byte for byte as it is.
The lines of a paragraph stay lines, one sentence each, so that a change shows.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from coursebook.translation import comments

PARSER = (
    MarkdownIt("commonmark")
    .enable("table")
    .use(front_matter_plugin)
    .use(colon_fence_plugin)
    .use(dollarmath_plugin)
)
#: Directives whose content is Markdown. Of the others only the cells of code and the glossary are
#: opened; what is computed or quoted stays.
MARKDOWN_DIRECTIVES = {"container", "only", "stored-figure"}
DIRECTIVE = re.compile(r"\{([\w-]+)\}")
SUMMARY = re.compile(r"(?<=<summary>).+?(?=</summary>)")
OPTIONS = re.compile(r"---\n.*?^---$", re.M | re.S)
FIGURE_TEXT = re.compile(
    r'\b(?P<kind>alt|caption): (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[\w-]+))'
)
CELL_BORDER = re.compile(r"(?<!\\)\|")
#: A cell of a table with nothing to translate: numbers, code, maths.
NOTHING = re.compile(r"\$[^$]+\$|`[^`]+`|\{glue:\w+\}`[^`]+`|[\d\s.,;:()%+×·→–—-]")
MATHS_BLOCK = re.compile(r"\$\$.*?\$\$", re.S)

#: Takes the text and the kind of a message, returns what stands in its place.
Translate = Callable[[str, str], str]


@dataclass(frozen=True)
class Message:
    """A text to translate.

    Attributes
    ----------
    text : str
        In English.
    kind : str
        What it is on its page: text, heading, cell, caption, feedback, ...
    section : str
        The heading above it.
    context : str
        Tells equal texts apart that have different translations; "" where none is needed.
    """

    text: str
    kind: str = "text"
    section: str = ""
    context: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What a catalogue finds it by."""
        return self.context, self.text


def messages(page: str) -> list[Message]:
    r"""Return the messages of a page, in order.

    >>> [(message.kind, message.text) for message in messages("# Steps\n\n- Go *down*.\n")]
    [('heading', 'Steps'), ('text', 'Go *down*.')]
    """
    found, section = [], ""

    def collect(text: str, kind: str) -> str:
        nonlocal section
        section = text if kind == "heading" else section
        found.append(Message(text, kind, section))
        return text

    translated(page, collect)
    return found


def translated(page: str, translate: Translate) -> str:
    r"""Return a page with every message put through `translate`.

    >>> print(translated("> Go down.\n> Stop.", lambda text, kind: "내려가세요.\n멈추세요."))
    > 내려가세요.
    > 멈추세요.
    """
    lines = page.split("\n")
    edits = []  # first line, end, new lines
    tokens = PARSER.parse(page)
    for at, token in enumerate(tokens):
        if not token.map:
            continue
        start, end = token.map
        if token.type == "inline":
            opening = tokens[at - 1].type
            if opening in ("td_open", "th_open") or not MATHS_BLOCK.sub("", token.content).strip():
                continue
            kind = "heading" if opening == "heading_open" else "text"
            edits.append((start, end, _block(lines[start:end], token.content, kind, translate)))
        elif token.type == "tr_open":
            edits.append((start, start + 1, [_row(lines[start], translate)]))
        elif token.type == "html_block":
            block = "\n".join(lines[start:end])
            new = SUMMARY.sub(lambda found: translate(found[0], "summary"), block)
            edits.append((start, end, new.split("\n")))
        elif token.type in ("fence", "colon_fence") and end - start > 2:
            inside = "\n".join(lines[start + 1 : end - 1])
            new = _fenced(token.info.strip(), inside, translate)
            edits.append((start + 1, end - 1, new.split("\n")))
    for start, end, new in reversed(edits):
        lines[start:end] = new
    return "\n".join(lines)


def _block(lines: list[str], content: str, kind: str, translate: Translate) -> list[str]:
    """Return the lines of a paragraph or heading anew, after the marks of a list or quotation."""
    new = translate(content, kind)
    if new == content:
        return lines
    first = content.split("\n")[0]
    prefix = lines[0][: lines[0].rindex(first)]
    if kind == "heading":
        return [prefix + " ".join(new.split("\n"))]
    others = re.sub(r"[^>\s]", " ", prefix)
    start, *rest = new.split("\n")
    return [prefix + start, *(others + line for line in rest)]


def _row(line: str, translate: Translate) -> str:
    cells = CELL_BORDER.split(line)
    for number, cell in enumerate(cells):
        text = cell.strip()
        if NOTHING.sub("", text):
            cells[number] = cell.replace(text, translate(text, "cell"))
    return "|".join(cells)


def _fenced(info: str, inside: str, translate: Translate) -> str:
    """Return the content of a fence or directive anew."""
    directive = DIRECTIVE.match(info)
    name = directive[1] if directive else info
    if name == "code-cell":
        return _with_figure_texts(inside, translate)
    if name == "glossary":
        return _glossary(inside, translate)
    if name == "python":
        return comments.translated(inside, lambda text: translate(text, "comment"))
    return translated(inside, translate) if name in MARKDOWN_DIRECTIVES else inside


def _with_figure_texts(cell: str, translate: Translate) -> str:
    options = OPTIONS.match(cell)
    if not options:
        return cell

    def changed(found: re.Match) -> str:
        written = found["word"] or yaml.safe_load(f'"{found["quoted"]}"')
        new = translate(written, found["kind"])
        return found[0] if new == written else f"{found['kind']}: {_quoted(new)}"

    return FIGURE_TEXT.sub(changed, options[0]) + cell[options.end() :]


def _quoted(text: str) -> str:
    written = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**9)
    return written.removesuffix("\n")


def _glossary(inside: str, translate: Translate) -> str:
    """Return entries anew: names without indent, one a line, and a meaning with indent."""
    made = []
    for entry in inside.split("\n\n"):
        lines = entry.split("\n")
        names = [line for line in lines if not line.startswith(" ")]
        meaning = "\n".join(line.strip() for line in lines if line.startswith(" "))
        new = [*translate("\n".join(names), "term").split("\n")]
        new += [f"  {line}" for line in translate(meaning, "text").split("\n")]
        made.append("\n".join(new))
    return "\n\n".join(made)
