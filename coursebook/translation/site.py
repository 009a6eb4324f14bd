"""The site of an edition: its folder of pages, built, and put beside the English site."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from coursebook.book import BUILD_BOOK
from coursebook.translation.edition import Edition
from coursebook.translation.state import Translation


def write_pages(translation: Translation, drafts: Iterable[str] = ()) -> dict[str, int]:
    """Write pages and notebooks to the folder of the language; return the English texts by page.

    What was there is replaced, once the new pages are complete.
    """
    target = translation.root / translation.language
    (translation.root / "_build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=translation.root / "_build") as folder:
        made = Path(folder, translation.language)
        left = Edition(translation, drafts).write(made)
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(made, target)
    return left


def build(translation: Translation, drafts: Iterable[str] = ()) -> Path:
    """Write the pages and build their site; return where it stands, beside the English one."""
    write_pages(translation, drafts)
    place = translation.root / "_build" / "editions" / translation.language
    shutil.rmtree(place / "_build" / "html", ignore_errors=True)
    source = translation.root / translation.language
    subprocess.run([*BUILD_BOOK, "--path-output", place, source], check=True)
    site = translation.root / "_build" / "html" / translation.language
    shutil.rmtree(site, ignore_errors=True)
    shutil.copytree(place / "_build" / "html", site)
    return site
