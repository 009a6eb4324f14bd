"""How far the translation into a language is: what is translated, what is published."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from coursebook import anatomy
from coursebook.translation import catalogues, checks, languages, messages
from coursebook.translation.blocks import Message

LOCALE = "locale"
#: In the folder of a language: its name, which pages are published, and what they say of others.
SETTINGS = "edition.yml"
#: In the folder of a language: the words for the terms of the course, and those to avoid.
TERMS = "terms.yml"
#: Words that the package needs when a notebook runs are stored in it.
WORDS = "lecture_utils/words_{language}.json"
STRINGS = "lecture_utils/explorables/strings_{language}.json"
RUN_TIME = {"string", "feedback", "question", "description"}


@dataclass
class Count:
    """How many messages there are, and how many of them have no sure translation."""

    all: int
    missing: int
    fuzzy: int


class Translation:
    """The translation of the book into one language.

    Parameters
    ----------
    language : str
        Its code, the name of a folder in ``locale/``.
    root : Path
        Folder of the book.

    Raises
    ------
    ValueError
        If there is no such language.
    """

    def __init__(self, language: str, root: Path = anatomy.ROOT) -> None:
        self.language, self.root = language, root
        self.folder = root / LOCALE / language
        if not (self.folder / SETTINGS).is_file():
            raise ValueError(f"no translation into {language!r}: there is no {LOCALE}/{language}")
        self.settings = _yaml(self.folder / SETTINGS)
        self.rules = languages.rules(language)

    @cached_property
    def catalogues(self) -> dict:
        """The catalogues by name, as they are in the files."""
        return {
            path.relative_to(self.folder).with_suffix("").as_posix(): catalogues.read(path)
            for path in sorted(self.folder.rglob("*.po"))
        }

    @cached_property
    def messages(self) -> dict[str, list[Message]]:
        """All messages of the book as it is now, by catalogue."""
        return messages.of_all(self.root)

    def published(self) -> list[str]:
        """Return the names of the pages that readers of this language get."""
        return self.settings["published"]

    def sure(self, name: str) -> dict[tuple[str, str], str]:
        """Return the translations that may stand on a page, by key."""
        found = {}
        for catalogue in (messages.COMMON, name):
            found |= catalogues.sure(self.catalogues.get(catalogue, []))
        return found

    def needed(self, name: str) -> Iterator[tuple[str, Message]]:
        """Yield what a page needs, with its catalogue.

        That is its text, the words of its explorables, what `check` says if there are exercises,
        and for the first page what the site says everywhere.
        """
        page = self.root / f"{name}.md"
        yield from ((name, message) for message in messages.of_page(page, self.root))
        shown = messages.explorables_of(page, self.root)
        yield from ((messages.EXPLORABLES, found) for found in messages.strings_of(shown))
        if page.with_suffix(".answers.yml").exists():
            yield from ((messages.EXERCISES, found) for found in messages.of_exercises())
        if name == "index":
            yield from ((messages.BOOK, found) for found in messages.of_book(self.root))
            yield from ((messages.SITE, found) for found in messages.of_site())

    def left(self, name: str) -> list[tuple[str, Message]]:
        """Return what of that has no sure translation."""
        needed = list(self.needed(name))
        sure = {catalogue: self.sure(catalogue) for catalogue in {of for of, _ in needed}}
        return [(of, message) for of, message in needed if message.key not in sure[of]]

    def count(self, name: str) -> Count:
        """Return how far a page is."""
        fuzzy = {
            catalogues.key(entry)
            for catalogue in self.catalogues.values()
            for entry in catalogue
            if entry.fuzzy
        }
        left = self.left(name)
        n_fuzzy = sum(message.key in fuzzy for _, message in left)
        return Count(len(list(self.needed(name))), len(left) - n_fuzzy, n_fuzzy)

    def update(self, names: Iterable[str] = ()) -> list[str]:
        """Bring the catalogues up to date, begin those of `names`; return what changed.

        Raises
        ------
        ValueError
            If one of `names` is no page.
        """
        if unknown := sorted(set(names) - set(self.messages)):
            raise ValueError(f"no page is called {', '.join(unknown)}")
        memory = {}
        for catalogue in self.catalogues.values():
            memory |= catalogues.sure(catalogue)
        for name, found in self.messages.items():
            if name in self.catalogues or name in messages.SHARED or name in names:
                old = self.catalogues.get(name) or catalogues.read(self._path(name))
                new = catalogues.merged(old, found, language=self.language, memory=memory)
                catalogues.write(self._path(name), new)
        del self.catalogues  # read again what was written
        return self.write_words()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.po"

    def words(self) -> dict[Path, str]:
        """Return the content of the files that the package reads when a notebook runs."""
        texts = {}
        for name, catalogue in self.catalogues.items():
            if name != messages.EXPLORABLES:
                for entry in catalogue:
                    if _kind(entry) in RUN_TIME and entry.translated():
                        texts[entry.msgid] = entry.msgstr
        said = json.dumps(texts, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        strings = messages.words_file(self.sure(messages.EXPLORABLES))
        files = {WORDS: said, STRINGS: strings}
        return {
            self.root / name.format(language=self.language): text for name, text in files.items()
        }

    def write_words(self) -> list[str]:
        """Write these files; return the names of those that changed."""
        stale = self.stale_words()
        for path, text in self.words().items():
            path.write_text(text, encoding="utf-8", newline="\n")
        return stale

    def stale_words(self) -> list[str]:
        """Return the names of the files that are not what the catalogues say."""
        return [
            path.relative_to(self.root).as_posix()
            for path, text in self.words().items()
            if not path.exists() or path.read_text(encoding="utf-8") != text
        ]

    def complaints(self) -> Iterator[str]:
        """Yield what is wrong: with a translation, or because a published page is not complete."""
        terms = _yaml(self.folder / TERMS)
        for name, catalogue in self.catalogues.items():
            for entry in catalogue:
                if entry.translated():
                    for complaint in self._of_entry(entry, terms["never"]):
                        yield f"{name}: {_short(entry.msgid)}: {complaint}"
        for name in self.published():
            yield from self._of_published(name)
        for name in self.stale_words():
            yield f"{name} is not what the catalogues say: run update"

    def _of_entry(self, entry, never: dict[str, str]) -> Iterator[str]:
        message = Message(entry.msgid, _kind(entry), context=entry.msgctxt or "")
        if message.kind == "term":
            return
        yield from checks.complaints(message, entry.msgstr)
        yield from self.rules.complaints(message, entry.msgstr)
        for word, better in never.items():
            if word in entry.msgstr:
                yield f"{word}: write {better}"

    def _of_published(self, name: str) -> Iterator[str]:
        if not (self.root / f"{name}.md").exists():
            yield f"{name} is published, but there is no such page"
            return
        for _, message in self.left(name):
            yield f"{name} is published, but not translated: {_short(message.text)}"

    def advice(self) -> Iterator[str]:
        """Yield what a person should look at."""
        terms = _yaml(self.folder / TERMS)["terms"]
        for name, catalogue in self.catalogues.items():
            for entry in catalogue:
                message = Message(entry.msgid, _kind(entry))
                if entry.translated() and message.kind != "term":
                    for line in self.rules.advice(message, entry.msgstr, terms):
                        yield f"{name}: {_short(entry.msgid)}: {line}"


def _kind(entry) -> str:
    return entry.comment.partition(", in: ")[0]


def _short(text: str) -> str:
    return repr(text if len(text) < 60 else f"{text[:57]}…")


def _yaml(path: Path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))
