"""Editions in other languages: catalogues from the English pages, pages from the catalogues.

    python scripts/translate.py update [PAGE ...]   refresh the catalogues; begin those named
    python scripts/translate.py check               change nothing; exit 1 on any fault
    python scripts/translate.py status              how far each page is
    python scripts/translate.py build               write pages and notebooks to ko/
    python scripts/translate.py site                build their site as well, into _build/html/ko
    python scripts/translate.py notebooks FOLDER    write the notebooks as Colab opens them

A page is named as in _toc.yml, as in chapters/02_lab. Everything is about Korean, unless
--language names another folder of locale/.
"""

import argparse
from pathlib import Path

from coursebook.translation import site
from coursebook.translation.state import Translation


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--language", default="ko", help="a folder of locale/ (default: ko)")
    actions = parser.add_subparsers(dest="action", required=True)
    update = actions.add_parser("update", help="bring the catalogues up to date")
    update.add_argument("pages", nargs="*", help="pages whose catalogues to begin")
    check = actions.add_parser("check", help="complain of faults")
    check.add_argument("--advice", action="store_true", help="also what a person should look at")
    actions.add_parser("status", help="count what is translated")
    for name, does in (("build", "write the pages"), ("site", "write the pages, build their site")):
        made = actions.add_parser(name, help=does)
        made.add_argument("--draft", nargs="*", default=[], help="pages that are not published yet")
    notebooks = actions.add_parser("notebooks", help="write the notebooks as Colab opens them")
    notebooks.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    try:
        translation = Translation(options.language)
        if options.action == "update":
            for name in translation.update(options.pages):
                print(f"wrote {name}")
        elif options.action == "check":
            return _check(translation, advice=options.advice)
        elif options.action == "status":
            _status(translation)
        elif options.action == "build":
            for name, number in site.write_pages(translation, options.draft).items():
                print(f"{name}: {number} texts in English" if number else f"{name}: ok")
        elif options.action == "notebooks":
            print(*site.write_notebooks(translation, options.folder), sep="\n")
        else:
            print(f"Open {site.build(translation, options.draft).as_uri()}/index.html")
    except ValueError as error:
        parser.error(str(error))
    return 0


def _check(translation: Translation, *, advice: bool) -> int:
    complaints = list(translation.complaints())
    print(*(complaints or [f"{translation.language}: ok"]), sep="\n")
    if advice:
        print(*(f"? {line}" for line in translation.advice()), sep="\n")
    return int(bool(complaints))


def _status(translation: Translation) -> None:
    print(f"{'page':34}{'messages':>9}{'missing':>9}{'fuzzy':>7}")
    for name in translation.messages:
        if not (translation.root / f"{name}.md").exists():
            continue
        count = translation.count(name)
        published = "  published" if name in translation.published() else ""
        print(f"{name:34}{count.all:9}{count.missing:9}{count.fuzzy:7}{published}")
