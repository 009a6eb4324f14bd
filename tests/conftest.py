"""The built book, a server for it and a browser, once for all the tests that look at it."""

import functools
import os
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from built_pages import ROOT, QuietHandler, jupyter_book
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect, sync_playwright

from coursebook.browser import launch

#: Guards against hanging only: a busy machine is no fault of a page.
HANGS_AFTER_MS = 300_000
expect.set_options(timeout=HANGS_AFTER_MS)

#: Small books that several tests look at, by the fixture that builds them.
BUILT_ONCE = {"explorable_book", "shown", "small_book"}


def pytest_collection_modifyitems(items):
    """Send the tests of one small book to one process, which then builds it for all."""
    for item in items:
        for fixture in BUILT_ONCE.intersection(item.fixturenames):
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem} {fixture}"))


@pytest.fixture(scope="session")
def book(tmp_path_factory):
    """Return the folder of the built book: the one that the environment names, else a new one."""
    named = os.environ.get("LECTURE_BOOK_HTML")
    if named and Path(named, "index.html").exists():
        return Path(named)
    target = tmp_path_factory.mktemp("book")
    jupyter_book(ROOT, target)
    return target / "_build" / "html"


@pytest.fixture(scope="session")
def serve():
    """Return a function that serves a folder on loopback and returns its address."""
    servers = []

    def start(folder):
        handler = functools.partial(QuietHandler, directory=folder)
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        try:
            chromium = launch(playwright)
        except PlaywrightError as error:
            pytest.skip(f"no browser: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    """Return a function that opens a page; at the end nothing foreign or broken may have shown."""
    contexts, troubles = [], []

    def start(base, path, **options):
        context = browser.new_context(**options)
        context.set_default_timeout(HANGS_AFTER_MS)
        contexts.append(context)
        page = context.new_page()

        def note_foreign(request):
            if not request.url.startswith((base, "data:", "blob:")):
                troubles.append(f"{path} asks for {request.url}")

        def note_missing(request):
            # A page that is left takes back what it still asks for.
            if request.failure != "net::ERR_ABORTED":
                troubles.append(f"{path} misses {request.url}")

        page.on("request", note_foreign)
        page.on("requestfailed", note_missing)
        page.on("pageerror", lambda error: troubles.append(f"{path}: {error}"))
        page.on(
            "console",
            lambda message: (
                message.type in ("error", "warning") and troubles.append(f"{path}: {message.text}")
            ),
        )
        page.goto(f"{base}/{path}")
        page.wait_for_load_state("networkidle")
        return page

    yield start
    for context in contexts:
        context.close()
    assert not troubles
