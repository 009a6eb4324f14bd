"""Say below the title of a chapter where in the course it stands: chapter 4 of 17."""

from pathlib import Path

from sphinx.locale import _

from coursebook import anatomy


def chapters(app):
    """Return the numbers of the chapters of a book, in order."""
    if not hasattr(app, "chapter_numbers"):
        found = (page.name for page in anatomy.pages(Path(app.srcdir)))
        app.chapter_numbers = sorted({name[:2] for name in found if name[:2].isdigit()})
    return app.chapter_numbers


def say(app, pagename, templatename, context, doctree):
    """Add the line to one page."""
    name = pagename.removeprefix("chapters/")
    if doctree is None or name == pagename:
        return
    numbers = chapters(app)
    place = _("Chapter {number} of {all}").format(
        number=numbers.index(name[:2]) + 1, all=len(numbers)
    )
    kind = {"lesson": _("lesson"), "lab": _("lab")}.get(anatomy.kind(name))
    line = f'<p class="place">{place}{f", {kind}" if kind else ""}</p>'
    context["body"] = context["body"].replace("</h1>", f"</h1>\n{line}", 1)


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", say, priority=965)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
