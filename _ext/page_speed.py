"""Let a page appear before its scripts and pictures have arrived.

Scripts wait until the page is parsed; pictures state their size, so that nothing moves when they
arrive, and those further down are fetched when a reader comes near.
"""

import re
from pathlib import Path

from sphinx.util.images import get_image_size

# Scripts in the page read these values at once.
AT_ONCE = "documentation_options.js"
IMAGE = re.compile(r'<img\b(?P<attributes>[^>]*?\bsrc="[^"]*_images/(?P<name>[^"]+)"[^>]*?)\s*/?>')


def deferred(script):
    """Return a copy of a script that waits: Sphinx shares the scripts between pages."""
    name = str(getattr(script, "filename", None) or "")
    if not name or name.endswith(AT_ONCE) or script.attributes.keys() & {"async", "defer"}:
        return script
    return type(script)(
        script.filename, priority=script.priority, **script.attributes, defer="defer"
    )


def svg_size(path):
    """Return width and height of an SVG in pixels, None if it does not say.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.svg")
    ...     _ = file.write_text('<svg width="420.5" height="260px" viewBox="0 0 420 260">')
    ...     svg_size(file)
    (420, 260)
    """
    start = path.read_text(encoding="utf-8")[:2000].partition("<svg")[2].partition(">")[0]
    found = [re.search(rf'\b{name}="([\d.]+)(?:px)?"', start) for name in ("width", "height")]
    return tuple(round(float(side[1])) for side in found) if all(found) else None


def sizes(app):
    """Return the size of every picture of the book read so far, by the name it is given."""
    made = app.env.temp_data.setdefault("picture sizes", {})
    for source, name in app.builder.images.items():
        if name not in made:
            path = Path(app.srcdir, source)
            made[name] = svg_size(path) if path.suffix == ".svg" else get_image_size(path)
    return made


def with_sizes(body, known):
    """Return the page's HTML with the size of each picture; all but the first may come late.

    >>> with_sizes('<img alt="A line." src="_images/a.png" />', {"a.png": (500, 340)})
    '<img alt="A line." src="_images/a.png" width="500" height="340" decoding="async">'
    """
    first = True

    def add(match):
        nonlocal first
        attributes, size = match["attributes"], known.get(match["name"])
        if size and not re.search(r"\b(width|height|style)=", attributes):
            attributes += f' width="{size[0]}" height="{size[1]}"'
        attributes += ' decoding="async"' + ("" if first else ' loading="lazy"')
        first = False
        return f"<img{attributes}>"

    return IMAGE.sub(add, body)


def hasten(app, pagename, templatename, context, doctree):
    """Change one page, before it is written."""
    context["script_files"] = [deferred(script) for script in context["script_files"]]
    if doctree:
        context["body"] = with_sizes(context["body"], sizes(app))


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", hasten, priority=960)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
