"""The catalogues of a language: PO files, which translators edit with any editor for them.

`merged` brings a catalogue up to date: a translation stays as long as its English text does; a
text that changed keeps the old translation, marked fuzzy and with the text that it belonged to;
what no page says any more stays at the end of the file, in case it comes back.
"""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

import polib

from coursebook.translation.blocks import Message

#: A line of a text is a line of the file, however long.
WIDTH = 10**6
#: Texts that share less than this are two texts.
SIMILAR = 0.6


def read(path: Path) -> polib.POFile:
    """Return a catalogue; an empty one if there is no file.

    Raises
    ------
    ValueError
        If the file is no catalogue; the message says where.
    """
    if not path.exists():
        return polib.POFile(wrapwidth=WIDTH)
    try:
        return polib.pofile(path, encoding="utf-8", wrapwidth=WIDTH)
    except OSError as error:  # what polib raises for a file that it cannot read
        raise ValueError(f"{path}: {error}") from error


def write(path: Path, catalogue: polib.POFile) -> None:
    """Write a catalogue, if it changed."""
    text = f"{catalogue}"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")


def key(entry: polib.POEntry) -> tuple[str, str]:
    """Return what an entry is found by, as `Message.key`."""
    return entry.msgctxt or "", entry.msgid


def sure(catalogue: polib.POFile) -> dict[tuple[str, str], str]:
    """Return the translations of a catalogue that are neither missing nor fuzzy, by key."""
    return {key(entry): entry.msgstr for entry in catalogue if entry.translated()}


def merged(
    old: polib.POFile,
    messages: Iterable[Message],
    *,
    language: str,
    memory: Mapping[tuple[str, str], str],
) -> polib.POFile:
    """Return a catalogue of `messages` with what is known of their translations.

    Parameters
    ----------
    old : POFile
        The catalogue as it was.
    messages : iterable of Message
        What is to be translated now; equal ones become one entry.
    language : str
        Code of the language, as in "ko".
    memory : mapping
        Translations in other catalogues, by key.
    """
    new = polib.POFile(wrapwidth=WIDTH)
    new.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    known = {key(entry): entry for entry in old if entry.msgstr}
    for message in {message.key: message for message in reversed(list(messages))}.values():
        new.insert(0, _entry(message, known.pop(message.key, None), memory.get(message.key, "")))
    for entry in new:
        if not entry.msgstr and (near := _nearest(entry, known.values())):
            entry.msgstr = near.msgstr
            entry.fuzzy = True
            entry.previous_msgid = near.previous_msgid or near.msgid
            del known[key(near)]
    for left in known.values():
        new.append(
            polib.POEntry(msgid=left.msgid, msgctxt=left.msgctxt, msgstr=left.msgstr, obsolete=True)
        )
    return new


def _entry(message: Message, old: polib.POEntry | None, remembered: str) -> polib.POEntry:
    comment = f"{message.kind}, in: {message.section}" if message.section else message.kind
    entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None, comment=comment)
    if old is None:
        entry.msgstr = remembered
    else:
        entry.msgstr, entry.tcomment = old.msgstr, old.tcomment
        if old.fuzzy:
            entry.fuzzy, entry.previous_msgid = True, old.previous_msgid
    return entry


def _nearest(entry: polib.POEntry, known: Iterable[polib.POEntry]) -> polib.POEntry | None:
    """Return the entry whose text is most like that of `entry`, None if none is like it."""
    best, likeness = None, SIMILAR
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(entry.msgid)
    for other in known:
        if (other.msgctxt or "") != (entry.msgctxt or ""):
            continue
        if entry.msgctxt:  # its place is its name, whatever it says now
            return other
        matcher.set_seq1(other.msgid)
        if matcher.real_quick_ratio() > likeness and matcher.ratio() > likeness:
            best, likeness = other, matcher.ratio()
    return best
