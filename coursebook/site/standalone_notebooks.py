"""What leaves the site as one file stands alone: the notebook that a page offers, and Colab's.

Colab opens the branch of published notebooks (`coursebook.standalone`), which the workflow of the
pages writes; the download of a page gets the same first cell.
"""

from pathlib import Path

import nbformat

from coursebook import standalone
from coursebook.site import repository_links

COLAB = "colab.research.google.com"


def lead_to_branch(app, pagename, templatename, context, doctree):
    """Point the button for Colab at the branch of published notebooks."""
    branch = context.get("theme_repository_branch", "")
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if COLAB in button.get("url", ""):
                here, there = f"/blob/{branch}/", f"/blob/{standalone.BRANCH}/"
                address = button["url"].replace(here, there)
                inside = context.get("theme_path_to_docs", "").strip("/")
                if app.edition:  # its folder is on the branch as well
                    inside = inside.rpartition("/")[0]
                button["url"] = address.replace(f"{there}{inside}/", there) if inside else address


def replace_downloads(app, exception):
    """Put the notebook that stands alone in the place of each that the pages offer."""
    if exception or app.builder.format != "html":
        return
    options = repository_links.button_options(app.srcdir)
    how = {
        "address": options.get("repository_url", ""),
        "branch": options.get("repository_branch", "main"),
        "site": app.config.ogp_site_url,
        "language": app.config.language,
    }
    sources = Path(app.outdir, "_sources")
    for offered in sources.rglob("*.ipynb"):
        page = Path(app.srcdir, offered.relative_to(sources)).with_suffix("")
        nbformat.write(standalone.standalone(page, root=Path(app.srcdir), **how), offered)


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", lead_to_branch, priority=900)
    app.connect("build-finished", replace_downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
