"""Put the charts of `lecture_utils.interactive` into the pages.

A page shows a still picture, with its alternative text and caption, like any other figure.
vega_figures.js adds the sliders, and makes the picture live when a reader first touches it.
"""

import json
from html import escape
from pathlib import Path

import vl_convert
from docutils import nodes
from myst_nb.core import render

from lecture_utils.interactive import MIME_TYPE

# What Altair 6 writes. The charts are stored as version 5, for JupyterLab.
VEGA_LITE_VERSION = "6.4"
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
SCRIPT = Path(__file__).with_suffix(".js")


class VegaLiteRenderer:
    """A renderer as myst-nb defines it: a mime type to document nodes."""

    mime_priority_overrides = (("*", MIME_TYPE, 1),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        """Return the still picture and the chart's data, None for any other output."""
        if data.mime_type != MIME_TYPE:
            return None
        spec = data.content
        svg = draw(spec)
        (picture,) = renderer.render_image(render.MimeData("image/svg+xml", svg, line=data.line))
        picture["alt"] = spec["description"]
        return [picture, live_data(spec)]


def draw(spec):
    """Return the still picture of a stored chart, as SVG."""
    return vl_convert.vegalite_to_svg({**spec, "$schema": SCHEMA}, vl_version=VEGA_LITE_VERSION)


def live_data(spec):
    """Return the node, to stand beside the picture, from which vega_figures.js makes it live."""
    text = json.dumps({**spec, "$schema": SCHEMA}, ensure_ascii=False, separators=(",", ":"))
    return nodes.raw(
        "", f'<div class="vega-chart" data-spec="{escape(text)}"></div>', format="html"
    )


def offer_scripts(app):
    """Write the libraries once a version, outside _static: what is there goes into every page."""
    if app.builder.format != "html":
        return
    folder = Path(app.doctreedir).parent / "vega" / vl_convert.__version__
    libraries = folder / "vega-bundle.js"
    if not libraries.exists():
        folder.mkdir(parents=True, exist_ok=True)
        bundle = vl_convert.javascript_bundle(vl_version=VEGA_LITE_VERSION)
        # It is a module; as a plain script, which file:// needs, it must keep its names to itself.
        libraries.write_text(f"(() => {{{bundle}}})();\n", encoding="utf-8")
    app.config.html_static_path += [str(folder), str(SCRIPT)]


def add_script(app, pagename, templatename, context, doctree):
    """Load the script on the pages that have a chart."""
    if 'class="vega-chart"' in context.get("body", ""):
        app.add_js_file(SCRIPT.name, loading_method="defer")


def setup(app):
    """Register with Sphinx and MyST-NB."""
    # myst-nb finds renderers by entry points only, and this folder is no installed package.
    found = render.load_mime_renders()
    render.load_mime_renders = lambda: [*found, VegaLiteRenderer]
    app.connect("builder-inited", offer_scripts)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
