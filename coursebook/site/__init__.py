"""The Sphinx extensions under one `setup`, with the templates, styles and scripts of the site."""

from pathlib import Path

from sphinx.jinja2glue import SphinxFileSystemLoader

HERE = Path(__file__).resolve().parent
EXTENSIONS = (
    "archives",
    "chapter_cards",
    "claim_links",
    "code_lines",
    "contents_toggles",
    "docstring_names",
    "editions",
    "explorables",
    "formulas",
    "glossary_links",
    "glue_dependencies",
    "icon_font",
    "missing_page",
    "moved_sections",
    "page_speed",
    "place_in_book",
    "photographs",
    "quiz_forms",
    "repository_links",
    "search",
    "solution_folds",
    "standalone_notebooks",
    "stored_figures",
    "stored_records",
    "vega_figures",
)


def offer_icon(app, config):
    """Name the icon of tab and sidebar."""
    icon = str(HERE / "static" / "favicon.svg")
    config.html_favicon = icon
    config.html_theme_options.setdefault("logo", {}).update(image_light=icon, image_dark=icon)


# Sphinx takes the entries of templates_path and html_static_path for patterns as well, of what is
# no page; an absolute path may hold a bracket. So both folders are named when it has looked.
def offer_templates(app):
    """Put our templates before those of the theme, or their texts into the catalogue."""
    templates = str(HERE / "templates")
    if app.builder.format == "html":
        lookup = app.builder.templates
        lookup.pathchain.insert(0, templates)
        lookup.loaders.insert(0, SphinxFileSystemLoader(templates))
        lookup.templatepathlen += 1
    elif app.builder.name == "gettext":
        app.config.templates_path.append(templates)
        app.builder._extract_from_template()
        app.config.templates_path.remove(templates)


def offer_static_files(app, env, docnames):
    """Name the folder of styles and scripts."""
    app.config.html_static_path.append(str(HERE / "static"))


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", offer_icon)
    app.connect("builder-inited", offer_templates)
    app.connect("env-before-read-docs", offer_static_files)
    for name in EXTENSIONS:
        app.setup_extension(f"{__name__}.{name}")
    # Last, as the book's own files.
    app.add_css_file("course.css", priority=800)
    for script in ("formulas.js", "glossary_cards.js", "print.js"):
        app.add_js_file(script, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
