"""What the tests of the built book share: how to build one, read it, serve it, judge it."""

import functools
import subprocess
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from coursebook.book import BUILD_BOOK, LANGUAGES

ROOT = Path(__file__).resolve().parents[2]


def jupyter_book(source, target, *options):
    """Build a book with every warning an error."""
    run = subprocess.run(
        [*BUILD_BOOK, "--path-output", str(target), *options, str(source)],
        capture_output=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stdout + run.stderr


def pages_of(html):
    """Return every page of a built site, without those of its editions in other languages."""
    inner = {"_static", *LANGUAGES}
    pages = {
        path for path in html.rglob("*.html") if inner.isdisjoint(path.relative_to(html).parts)
    }
    assert pages, f"{html} holds no page"
    return sorted(pages)


#: The rules of axe-core that depend on colours; all others see the same page in both themes.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]


def accessibility_faults(window, *, where=None, rules=None, without=()):
    """Return what axe-core complains of; colours of code cost most of its time."""
    context = where or {"exclude": [["pre"]]}
    # Without preload axe reads no style sheet itself, which file:// would refuse. Describing what
    # passes, thousands of nodes, would take as long as the rules.
    options = {"preload": False, "resultTypes": ["violations"]}
    options |= {"rules": {rule: {"enabled": False} for rule in without}}
    options |= {"runOnly": rules} if rules else {}
    found = Axe().run(window, context, options).response["violations"]
    return [(fault["id"], node["html"]) for fault in found for node in fault["nodes"]]


@functools.cache
def soup_of(page):
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass
