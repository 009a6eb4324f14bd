"""Write an edition of the book in another language: a folder of pages and notebooks.

A notebook of the edition is its English twin with other text: code, outputs and execution counts
are the twin's, and the numbers in the text come from its outputs, so nothing is executed again.
A page that is not published is a stub, which leads to the English page; links stay as they are
and lead on as soon as it is. A text without a sure translation stays English, and its page says how
many there are.
"""

import copy
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import jupytext
import nbformat
import yaml

from coursebook import anatomy, numbers, whole
from coursebook.site.chapter_cards import facts
from coursebook.site.glue_dependencies import NUMBER as FOREIGN_NUMBER
from coursebook.site.stored_figures import live_cell
from coursebook.translation import anchors, blocks, messages
from coursebook.translation.state import Translation
from lecture_utils.language import MARK

#: What an edition has of its own besides pages; everything else is that of the English book.
SHARED = ("_static", "references.bib", "CITATION.cff")
SECTION = re.compile(r"(?<=\]\()(?P<page>[\w./-]*)#(?P<slug>[\w-]+)(?=\))")
FILE = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)(?P<path>[^)#\s]+)")
#: Archives lie beside the first page of the site, one folder above that of an edition.
ARCHIVE = re.compile(r'(?<=href=")(?=[\w.-]+\.(?:zip|pdf)")')


@dataclass
class Made:
    """A page of the edition, before its links are turned."""

    english: str
    content: str | nbformat.NotebookNode
    untranslated: int = 0
    anchors: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the Markdown of the page."""
        return self.content if isinstance(self.content, str) else anatomy.markdown(self.content)

    def slugs(self) -> dict[str, str]:
        """Return the anchors of the headings, by those of the English page."""
        here = anchors.slugs(self.text())
        return dict(zip(anchors.slugs(self.english), here, strict=True))


class Edition:
    """The pages of one language, made from a translation.

    Parameters
    ----------
    translation : Translation
        What is translated, and what is published.
    drafts : iterable of str
        Pages to make as well, although they are not published.
    """

    def __init__(self, translation: Translation, drafts: Iterable[str] = ()) -> None:
        self.translation = translation
        self.root = translation.root
        self.pages = messages.pages(self.root)
        self.shown = {*translation.published(), *drafts}
        if unknown := sorted(self.shown - set(self.pages)):
            raise ValueError(f"no page is called {', '.join(unknown)}")

    def write(self, target: Path) -> dict[str, int]:
        """Write the edition into an empty folder; return the number of English texts by page."""
        made = {name: self.page(name) for name in self.pages}
        slugs = {name: page.slugs() for name, page in made.items()}
        target.mkdir(parents=True, exist_ok=True)
        for name, page in made.items():
            self._store(target / name, page, lambda text, name=name: self.linked(text, name, slugs))
        for name in SHARED:
            if (self.root / name).is_dir():
                shutil.copytree(self.root / name, target / name)
            elif (self.root / name).exists():
                shutil.copy(self.root / name, target / name)
        for file, content in (
            (MARK, self.description(made)),
            ("_config.yml", self.config()),
            ("_toc.yml", self.contents()),
        ):
            (target / file).write_text(_dumped(content), encoding="utf-8", newline="\n")
        return {name: made[name].untranslated for name in made if name in self.shown}

    def page(self, name: str) -> Made:
        """Return one page, translated or a stub."""
        source = self.pages[name]
        text = source.read_text(encoding="utf-8")
        notebook = source.with_suffix(".ipynb")
        if name not in self.shown:
            twin = nbformat.read(notebook, as_version=4) if notebook.exists() else None
            return Made(text, self.stub(name, text, twin), anchors=anchors.ids(text))
        if not notebook.exists():
            numbered = ForeignNumbers(source.parent)
            translate = Lookup(self.translation, name, numbered)
            made = numbered(blocks.translated(text, translate))
            # In the order of this language's alphabet.
            made = made.replace("```{glossary}\n", "```{glossary}\n:sorted:\n\n")
            content = with_notice(made, self.notice(translate))
            return Made(text, content, translate.open, anchors.ids(text))
        page, twin = jupytext.read(source), nbformat.read(notebook, as_version=4)
        reading, exercises = anatomy.minutes(page)
        values = numbers.recorded(twin) | {
            "reading_minutes": str(reading),
            "exercise_minutes": str(exercises),
        }
        translate = Lookup(self.translation, name, lambda part: numbers.resolve(part, values))
        other = jupytext.reads(blocks.translated(text, translate), fmt="md:myst")
        content = with_text(twin, other, values, anatomy.kind(source.stem))
        content.metadata["lecture"] = content.metadata.get("lecture", {}) | card(notebook)
        content.cells[0].source = with_notice(content.cells[0].source, self.notice(translate))
        return Made(anatomy.markdown(page), content, translate.open, anchors.ids(text))

    def notice(self, translate: "Lookup") -> str:
        """Return what a page says of its English texts, "" if there are none."""
        sentence = self.translation.settings["texts"]["incomplete"]
        return f"> {sentence.format(number=translate.open)}" if translate.open else ""

    def stub(self, name: str, text: str, twin) -> str | nbformat.NotebookNode:
        """Return a page that leads to the English one, with its headings, to which links lead."""
        said = self.translation.settings["texts"]
        up = "../" * (name.count("/") + 1)
        suffix = ".ipynb" if twin is not None else ".md"
        address = f"{up}{name}{suffix}"
        (_, title), *others = anchors.headings(text)
        _, question = anatomy.title_and_question(twin) if twin is not None else ("", "")
        parts = [
            f"# {title} {said['english']}",
            question,
            said["english_page"].format(address=address),
            *(f"{'#' * level} {heading}" for level, heading in others),
        ]
        markdown = "\n\n".join(part for part in parts if part)
        if twin is None:
            return f"{markdown}\n"
        made = copy.deepcopy(twin)
        made.cells = [
            nbformat.from_dict({"cell_type": "markdown", "metadata": {}, "source": markdown})
        ]
        if live := live_cell(twin):
            made.cells.append(copy.deepcopy(live))
            made.cells[-1].metadata["tags"] = [anatomy.GUARD]
        made.metadata["lecture"] = card(self.pages[name].with_suffix(".ipynb"))
        return made

    def linked(self, text: str, name: str, slugs: Mapping[str, Mapping[str, str]]) -> str:
        """Return a text whose links hold in the folder of the edition.

        A section has the anchor of its translated heading; a file that is no page is one folder
        further up.
        """
        folder = PurePosixPath(name).parent

        def section(link: re.Match) -> str:
            page = _normal(folder / link["page"]) if link["page"] else name
            new = slugs.get(page.rpartition(".")[0] or page, {}).get(link["slug"], link["slug"])
            return f"{link['page']}#{new}"

        def file(link: re.Match) -> str:
            path = _normal(folder / link["path"])
            own = path.rpartition(".")[0] in self.pages or path.startswith("_static/")
            outside = path.startswith("../") or not (self.root / path).exists()
            return link[0] if own or outside else f"../{link['path']}"

        return ARCHIVE.sub("../", FILE.sub(file, SECTION.sub(section, text)))

    def _store(self, target: Path, page: Made, linked) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(page.content, str):
            file, text = target.with_suffix(".md"), linked(page.content)
        else:
            for cell in page.content.cells:
                if cell.cell_type == "markdown":
                    cell.source = linked(cell.source)
            file = target.with_suffix(".ipynb")
            text = nbformat.writes(page.content, ensure_ascii=False) + "\n"
        file.write_text(text, encoding="utf-8", newline="\n")

    def description(self, made: Mapping[str, Made]) -> dict:
        """Return what the site and the package read of an edition; the language comes first."""
        return {
            "language": self.translation.language,
            "texts": self.translation.settings["texts"],
            "published": sorted(self.shown),
            "stubs": sorted(set(made) - self.shown),
            "anchors": {name: page.anchors for name, page in made.items()},
        }

    def config(self) -> dict:
        """Return the configuration of the site: that of the English book with other words."""
        config = yaml.safe_load((self.root / "_config.yml").read_text(encoding="utf-8"))
        settings, language = config["sphinx"]["config"], self.translation.language
        say = self._words()
        config["title"], config["author"] = say(config["title"]), say(config["author"])
        config["exclude_patterns"] = [".*", "**/.*", "_build"]
        settings["language"] = language
        settings["locale_dirs"] = ["../locale"]
        for key in ("nb_code_prompt_show", "nb_code_prompt_hide", "ogp_site_name"):
            settings[key] = say(settings[key])
        theme = settings["html_theme_options"]
        theme["logo"]["text"] = config["title"]
        theme["search_bar_text"] = say(theme["search_bar_text"])
        # The theme's line of authors is no sentence in every language.
        theme["footer_content_items"] = ["licence.html"]
        return config

    def contents(self) -> dict:
        """Return the table of contents."""
        contents = yaml.safe_load((self.root / "_toc.yml").read_text(encoding="utf-8"))
        say = self._words()
        for part in contents["parts"]:
            part["caption"] = say(part["caption"])
        return contents

    def _words(self):
        known = self.translation.sure(messages.BOOK)
        return lambda text: known.get(("", text), text)


class Lookup:
    """Puts the translation of a message in its place, with its numbers; counts what has none."""

    def __init__(self, translation: Translation, name: str, numbered: Callable[[str], str]) -> None:
        self.known = translation.sure(name)
        self.finished = translation.rules.finished
        self.numbered = numbered
        self.name, self.open = name, 0

    def __call__(self, text: str, kind: str) -> str:
        """Return what stands in the place of a message."""
        new = self.known.get(("", text))
        if new is None:
            self.open += 1
            return text
        if kind == "comment":
            return new
        try:
            return self.finished(self.numbered(new))
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from error


def card(notebook: Path) -> dict:
    """Return what the card of an English page says, which cannot be read from a translation."""
    found = facts(notebook)
    return {"minutes": [found.reading, found.exercises], "needs": found.needed}


def with_text(twin, page, values: Mapping, kind: str):
    """Return a notebook whose text is that of a translated page, and all else its twin's.

    Parameters
    ----------
    twin : NotebookNode
        The English notebook.
    page : NotebookNode
        The translated page.
    values : mapping
        What the cells of the twin recorded.
    kind : str
        What `anatomy.kind` says of the page.

    Raises
    ------
    ValueError
        If they do not belong together.
    """
    made = copy.deepcopy(twin)
    shown = [cell for cell in page.cells if kind == "chapter" or not anatomy.is_guard(cell)]
    if [cell.cell_type for cell in shown] != [cell.cell_type for cell in made.cells]:
        raise ValueError("page and notebook have different cells: build the notebook again")
    for cell, written in zip(made.cells, shown, strict=True):
        if cell.cell_type == "markdown":
            cell.source = numbers.resolve(written.source, values)
        elif "mystnb" in cell.metadata:
            options = numbers.resolve(written.metadata["mystnb"], values)
            cell.metadata["mystnb"] = nbformat.from_dict(options)
    return made


class ForeignNumbers:
    """Writes into a text the numbers that it takes from the notebooks of other pages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[Path, Mapping] = {}

    def __call__(self, text: str) -> str:
        """Return a text with its numbers; its roles name notebooks relative to the folder."""
        return FOREIGN_NUMBER.sub(self._number, text)

    def _number(self, role: re.Match) -> str:
        path = self.folder / role["notebook"]
        if path not in self.known:
            self.known[path] = numbers.recorded(whole.read(path))
        own = f"{{glue:text}}`{role['name']}:{role['format']}`"
        return numbers.resolve(own, self.known[path])


def with_notice(text: str, notice: str) -> str:
    """Return a page with a notice below its title."""
    if not notice:
        return text
    return re.sub(r"^(# .+)$", lambda found: f"{found[0]}\n\n{notice}", text, count=1, flags=re.M)


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _dumped(content: dict) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10**6)
