"""What of the book is translated, by catalogue.

A page's catalogue has its text, what `check` says to its exercises, and the questions and
descriptions of the figures that compute in it. Three are not pages: ``explorables`` (the
words in these figures), ``exercises`` (what `check` says anywhere), ``book`` (title, contents,
buttons). ``common`` holds what stands on several pages. What the site itself says is in the
catalogue that Sphinx reads.
"""

import ast
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat
import yaml

from coursebook import anatomy, site
from coursebook.site.editions import SCRIPT_WORDS
from coursebook.translation.blocks import Message, messages
from lecture_utils import answers, exercises
from lecture_utils.explorables import MIME_TYPE as EXPLORABLE
from lecture_utils.explorables import strings
from lecture_utils.interactive import MIME_TYPE as CHART

#: A text that stands on as many pages is translated once.
COMMON_FROM = 3
COMMON, EXPLORABLES, EXERCISES, BOOK = "common", "explorables", "exercises", "book"
SITE = "LC_MESSAGES/sphinx"
#: Catalogues that belong to no page.
SHARED = (COMMON, EXPLORABLES, EXERCISES, BOOK, SITE)
#: What the theme says in its pages, and has no translations of its own for.
OF_THE_THEME = (
    "Back to top",
    "Breadcrumb",
    "Color mode",
    "Dark",
    "Light",
    "Link to this heading",
    "Link to this image",
    "On this page",
    "Section Navigation",
    "Site navigation",
    "Skip to main content",
    "System Settings",
    "Toggle primary sidebar",
    "next",
    "next page",
    "previous",
    "previous page",
)
IN_TEMPLATE = re.compile(r"""_\((['"])(.+?)\1\)""")
STORED_FIGURE = re.compile(r"\{stored-figure\} +(\S+)")
CAPTION = re.compile(r"^ *- caption: (.+?)\s*$", re.M)


def pages(root: Path = anatomy.ROOT) -> dict[str, Path]:
    """Return every page of the contents that has a Markdown source, by name."""
    contents = (root / "_toc.yml").read_text(encoding="utf-8")
    names = ["index", *re.findall(r"^ *- file: (\S+)", contents, re.M)]
    return {name: root / f"{name}.md" for name in names if (root / f"{name}.md").exists()}


def of_page(page: Path, root: Path = anatomy.ROOT) -> list[Message]:
    """Return the messages of a page."""
    text = page.read_text(encoding="utf-8")
    found = messages(text)
    for data in figures(page, root):
        figure = data.get(EXPLORABLE) or data[CHART]
        if EXPLORABLE in data:
            found.append(Message(figure["question"], "question"))
        found.append(Message(figure["description"], "description"))
    known = page.with_suffix(".answers.yml")
    return found + of_answers(known) if known.exists() else found


def of_answers(file: Path) -> list[Message]:
    """Return what `check` says to usual wrong answers."""
    return [
        Message(wrong["feedback"], "feedback", f"exercise {number}")
        for number, entry in answers.read(file).items()
        for wrong in entry.get("wrong", [])
    ]


def figures(page: Path, root: Path = anatomy.ROOT) -> Iterator[dict]:
    """Yield the data of the explorables and charts on a page, also of those of other pages."""
    for name in STORED_FIGURE.findall(page.read_text(encoding="utf-8")):
        yield from itertools.islice(_live(root / f"{name}.ipynb"), 1)
    if page.with_suffix(".ipynb").exists():
        yield from _live(page.with_suffix(".ipynb"))


def _live(notebook: Path) -> Iterator[dict]:
    for cell in nbformat.read(notebook, as_version=4).cells:
        for output in cell.get("outputs", []):
            if {EXPLORABLE, CHART} & set(output.get("data", ())):
                yield output.data


def explorables_of(page: Path, root: Path = anatomy.ROOT) -> set[str]:
    """Return the names of the explorables that a page shows."""
    return {data[EXPLORABLE]["name"] for data in figures(page, root) if EXPLORABLE in data}


def of_explorables() -> list[Message]:
    """Return the words of all explorables; their context is where they stand in the file."""
    return [
        Message(text, "string", name, f"{name}.{key}")
        for name, words in strings().items()
        for key, text in words.items()
    ]


def of_exercises() -> list[Message]:
    """Return what `check` says: the first argument of every call of `say` in its module."""
    return [Message(text, "string") for text in _arguments(Path(exercises.__file__), "say")]


def of_site() -> list[Message]:
    """Return what the site says: its extensions, templates and scripts, and its theme."""
    folder = Path(site.__file__).parent
    texts = [text for file in sorted(folder.glob("*.py")) for text in _arguments(file, "_")]
    for file in sorted((folder / "templates").glob("*.html")):
        texts += [found[1] for found in IN_TEMPLATE.findall(file.read_text(encoding="utf-8"))]
    texts += [*SCRIPT_WORDS, *OF_THE_THEME]
    return [Message(text, "interface") for text in dict.fromkeys(texts)]


def _arguments(file: Path, function: str) -> list[str]:
    """Return the first arguments, texts or names of texts, of every call of a function."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    constants = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function
    ]
    said = {}
    for call in sorted(calls, key=lambda node: node.lineno):
        first = call.args[0]
        text = (
            first.value
            if isinstance(first, ast.Constant)
            else constants.get(getattr(first, "id", ""))
        )
        if isinstance(text, str):
            said[text] = None
    return list(said)


def of_book(root: Path = anatomy.ROOT) -> list[Message]:
    """Return the title, the words of the buttons, and the captions of the contents."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    settings = config["sphinx"]["config"]
    texts = [
        config["title"],
        config["author"],
        settings["html_theme_options"]["search_bar_text"],
        settings["nb_code_prompt_show"],
        settings["nb_code_prompt_hide"],
        *CAPTION.findall((root / "_toc.yml").read_text(encoding="utf-8")),
    ]
    return [Message(text, "interface") for text in texts]


def of_all(root: Path = anatomy.ROOT) -> dict[str, list[Message]]:
    """Return all messages of the book, by catalogue."""
    by_page = {name: of_page(page, root) for name, page in pages(root).items()}
    used = Counter(key for found in by_page.values() for key in {m.key for m in found})
    shared: dict[tuple[str, str], Message] = {}
    for name, found in by_page.items():
        for message in found:
            if used[message.key] >= COMMON_FROM:
                shared.setdefault(message.key, Message(message.text, message.kind))
        by_page[name] = [message for message in found if used[message.key] < COMMON_FROM]
    common = sorted(shared.values(), key=lambda message: message.text)
    return {
        **by_page,
        COMMON: common,
        EXPLORABLES: of_explorables(),
        EXERCISES: of_exercises(),
        BOOK: of_book(root),
        SITE: of_site(),
    }


def strings_of(names: set[str]) -> list[Message]:
    """Return the words that some explorables show."""
    shown = {*names, "common"} if names else set()
    return [message for message in of_explorables() if message.section in shown]


def words_file(sure: dict[tuple[str, str], str]) -> str:
    """Return the words of the explorables as the package reads them, in the order of English."""
    words: dict[str, dict[str, str]] = {}
    for message in of_explorables():
        if message.key in sure:
            name, key = message.context.split(".")
            words.setdefault(name, {})[key] = sure[message.key]
    return json.dumps(words, ensure_ascii=False, indent=2) + "\n"
