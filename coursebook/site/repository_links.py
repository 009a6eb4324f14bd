"""Point the Binder, Colab and repository buttons at the git remote of whatever is being built.

Without a remote that a reader could reach there are no buttons.
A JupyterHub has no address that could be found out: the environment variable
COURSE_JUPYTERHUB_URL names one, and a button for it is added to the others.

    ```{start-buttons} chapters/01_gradient_descent
    ```

are the ways to begin: read the named chapter, run it in Binder where there is a remote, or run it
on one's own machine.
"""

import os
import re
import subprocess
from urllib.parse import quote

from docutils import nodes
from sphinx import addnodes
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

HUB = "COURSE_JUPYTERHUB_URL"
#: Drawn by scripts/make_link_preview.py.
LINK_PREVIEW = "_static/link_preview.png"
LINK_PREVIEW_TEXT = (
    "On a parabola small ones hardly move, larger ones arrive, too large ones climb."
)
WEB_HOST = re.compile(r"[\w.-]+\.[a-z]+")
#: Where ssh is answered on the port of the web, for networks that let nothing else through.
SSH_HOSTS = {"ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com"}
logger = logging.getLogger(__name__)


def git(folder, *arguments):
    """Return what a git command prints, "" if it fails."""
    return output("git", "-C", str(folder), *arguments)


def output(*command):
    """Return what a program prints, "" if it fails or is not on this machine."""
    try:
        run = subprocess.run(command, capture_output=True, encoding="utf-8")
    except FileNotFoundError:
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""


def web_address(remote):
    """Return https://host/owner/name for any form of git remote, "" if it has none.

    >>> web_address("git@github.com:alice/course.git")
    'https://github.com/alice/course'
    >>> web_address("https://user:token@gitlab.com/group/class/course.git")
    'https://gitlab.com/group/class/course'
    >>> web_address("/srv/git/course"), web_address("http://127.0.0.1:8080/git/owner/name")
    ('', '')
    """
    found = re.fullmatch(
        r"(?:(?P<scheme>\w+)://)?(?:[^@/]+@)?(?P<host>[\w.-]+)(?::\d+)?[:/]"
        r"(?P<name>[\w.-]+(?:/[\w.-]+)+)",
        remote.rstrip("/").removesuffix(".git"),
    )
    if not found:
        return ""
    host = found["host"]
    if not WEB_HOST.fullmatch(host) and found["scheme"] in (None, "ssh"):
        host = host_of(host)
    host = SSH_HOSTS.get(host, host)
    return f"https://{host}/{found['name']}" if WEB_HOST.fullmatch(host) else ""


def host_of(alias):
    """Return the host of a name that stands in the person's settings of ssh, "" for another."""
    asked = output("ssh", "-G", "--", alias)
    found = re.search(r"^hostname (.+)$", asked, re.M)
    return found[1] if found else ""


def remote_of(folder):
    """Return the name of the remote to which the branch in `folder` is pushed, "" for none."""
    names = git(folder, "remote").split("\n")
    branch = git(folder, "symbolic-ref", "--short", "HEAD")
    preferred = (git(folder, "config", f"branch.{branch}.remote"), "origin", "upstream")
    return next((name for name in preferred if name in names), names[0])


def button_options(folder):
    """Return the theme's options for the buttons: none if the repository has no web address."""
    remote = remote_of(folder)
    url = web_address(git(folder, "remote", "get-url", remote))
    if not url:
        reason = f"the git remote {remote!r} has no web address" if remote else "no git remote"
        logger.info("The site has no buttons for Binder and the repository: %s.", reason)
        return {}
    launch = {"notebook_interface": "jupyterlab", "binderhub_url": "https://mybinder.org"}
    if url.startswith("https://github.com/"):
        launch["colab_url"] = "https://colab.research.google.com"
    if os.environ.get(HUB):
        launch["jupyterhub_url"] = os.environ[HUB]
    return {
        "repository_url": url,
        # A check of a pull request has no branch; its pages are not published.
        "repository_branch": git(folder, "symbolic-ref", "--short", "HEAD") or "main",
        "path_to_docs": git(folder, "rev-parse", "--show-prefix").rstrip("/"),
        "launch_buttons": launch,
        "use_repository_button": True,
        "use_issues_button": True,
    }


def site_address(options):
    """Return where Pages publishes the site, "" if that cannot be known.

    >>> site_address({"repository_url": "https://github.com/alice/course"})
    'https://alice.github.io/course/'
    """
    host, _, name = options.get("repository_url", "").removeprefix("https://").partition("/")
    if host != "github.com":
        return ""
    owner, _, repository = name.partition("/")
    return f"https://{owner}.github.io/{repository}/"


def binder_address(options, file):
    """Return the address at which Binder opens a file of the book, as the theme's button has it."""
    url = options["repository_url"]
    host, _, name = url.removeprefix("https://").partition("/")
    kinds = {"github.com": f"gh/{name}", "gitlab.com": f"gl/{quote(name, safe='')}"}
    repository = kinds.get(host, f"git/{quote(url)}")
    path = "/".join(part for part in (options["path_to_docs"], file) if part)
    binder = options["launch_buttons"]["binderhub_url"]
    return f"{binder}/v2/{repository}/{options['repository_branch']}?urlpath=lab/tree/{path}"


class StartButtons(SphinxDirective):
    """The directive: its argument is the first chapter."""

    required_arguments = 1

    def run(self):
        """Return a list of links."""
        first = self.arguments[0]
        read = addnodes.pending_xref(
            "", nodes.inline(text=_("Start reading")), refdomain="std", reftype="doc",
            reftarget=f"/{first}", refexplicit=True, refdoc=self.env.docname, refwarn=True,
        )  # fmt: skip
        links = [read]
        options = self.config.html_theme_options
        if first in self.env.app.edition.get("stubs", ()):
            options = {
                **options,
                "path_to_docs": options.get("path_to_docs", "").rpartition("/")[0],
            }
        if options.get("launch_buttons"):
            address = binder_address(options, f"{first}.ipynb")
            links.append(nodes.reference("", _("Run in Binder"), refuri=address))
        links.append(nodes.reference("", _("On your machine"), refid="how-to-start", internal=True))
        items = [nodes.list_item("", nodes.paragraph("", "", link)) for link in links]
        buttons = nodes.bullet_list("", *items, classes=["start-buttons"])
        for node in (buttons, *items, read):
            self.set_source_info(node)
        return [buttons]


def add_buttons(app, config):
    """Set the options before the theme reads them."""
    options = button_options(app.srcdir)
    config.html_theme_options.update(options)
    site = site_address(options)
    if site and app.edition:
        site += f"{app.config.language}/"
    config.ogp_site_url = config.ogp_site_url or site
    if config.ogp_site_url:  # a preview needs a whole address
        config.ogp_image, config.ogp_image_alt = LINK_PREVIEW, LINK_PREVIEW_TEXT
        config.ogp_custom_meta_tags = ['<meta name="twitter:card" content="summary_large_image" />']
    if options:
        app.tags.add("repository")


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", add_buttons)
    app.add_directive("start-buttons", StartButtons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
