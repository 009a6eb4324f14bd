"""The Sphinx extensions under one `setup`, with the templates, styles and scripts of the site."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
EXTENSIONS = (
    "archives",
    "chapter_cards",
    "docstring_names",
    "explorables",
    "formulas",
    "glossary_links",
    "glue_dependencies",
    "how_to_cite",
    "icon_font",
    "missing_page",
    "page_descriptions",
    "page_speed",
    "predict_boxes",
    "repository_links",
    "solution_folds",
    "stored_figures",
    "stored_records",
    "vega_figures",
)


def offer_files(app, config):
    """Name the folders of templates and files, and the icon of tab and sidebar."""
    config.templates_path.append(str(HERE / "templates"))
    config.html_static_path.append(str(HERE / "static"))
    icon = str(HERE / "static" / "favicon.svg")
    config.html_favicon = icon
    config.html_theme_options.setdefault("logo", {}).update(image_light=icon, image_dark=icon)


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", offer_files)
    for name in EXTENSIONS:
        app.setup_extension(f"{__name__}.{name}")
    # Last, as the book's own files.
    app.add_css_file("course.css", priority=800)
    app.add_js_file("formulas.js", priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
