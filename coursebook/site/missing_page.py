"""Write 404.html, which a server shows for an address that leads nowhere.

It may be shown at any depth below a root that the build does not know, so it brings its own style,
and a script finds the root: the nearest folder above that holds the book's inventory.
"""

from pathlib import Path

from coursebook import anatomy


def missing_page(app):
    """Offer the page, with a link to every chapter."""
    if app.edition:  # a server shows that of the root everywhere
        return
    names = [page.relative_to(app.srcdir).as_posix() for page in anatomy.pages(Path(app.srcdir))]
    chapters = [name for name in names if name in app.env.found_docs]
    links = [(f"{name}.html", app.env.titles[name].astext()) for name in chapters]
    context = {"chapters": links, "editions": app.editions_beside, "title": "Page not found"}
    yield "404", context, "404.html"


def setup(app):
    """Register with Sphinx."""
    app.connect("html-collect-pages", missing_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
