"""Name the toggles of the table of contents, which the theme leaves without a word.

A screen reader says "pages below 01 Walk downhill" where one sees a chevron.
"""

import functools

from bs4 import BeautifulSoup


def named(generate):
    """Return the theme's function for a table of contents, with a name for every toggle."""

    @functools.wraps(generate)
    def generate_named(*arguments, **options):
        made = generate(*arguments, **options)
        soup = BeautifulSoup(made, "html.parser") if isinstance(made, str) else made
        for toggle in soup.select("summary") if hasattr(soup, "select") else ():
            title = toggle.find_parent("li").find("a").get_text(strip=True)
            toggle["aria-label"] = f"pages below {title}"
        return str(soup) if isinstance(made, str) else soup

    return generate_named


def name_toggles(app, pagename, templatename, context, doctree):
    """Change what the templates call; the theme has put it there by now."""
    if "generate_toctree_html" in context:
        context["generate_toctree_html"] = named(context["generate_toctree_html"])


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", name_toggles, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
