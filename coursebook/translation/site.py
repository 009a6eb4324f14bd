"""What readers of an edition get: its folder of pages, its site, its notebooks that stand alone."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import nbformat

from coursebook import standalone
from coursebook.book import BUILD_BOOK
from coursebook.site import repository_links
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


def write_notebooks(translation: Translation, target: Path) -> list[Path]:
    """Write the published notebooks as Colab opens them, into the folder of the language."""
    write_pages(translation)
    edition = translation.root / translation.language
    options = repository_links.button_options(translation.root)
    site = repository_links.site_address(options)
    how = {
        "address": options.get("repository_url", ""),
        "branch": options.get("repository_branch", "main"),
        "site": site and f"{site}{translation.language}/",
        "language": translation.language,
    }
    written = []
    for name in translation.published():
        if (edition / name).with_suffix(".ipynb").exists():
            file = target / translation.language / f"{name}.ipynb"
            file.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(standalone.standalone(edition / name, root=edition, **how), file)
            written.append(file)
    return written
