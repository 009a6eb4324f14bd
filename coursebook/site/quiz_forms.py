"""Mark the questions of a quiz, so that quiz.js can make them forms.

On a page a question is Markdown that every frontend shows: a paragraph that begins with its number,
a list of options, and folded a list of what is said to each. It stays so without JavaScript.
"""

import re

from docutils import nodes

SCRIPT = "quiz.js"
OPENING = "<details><summary>"
OPTION = re.compile(r"\([a-z]\) ")


def mark_questions(app, doctree):
    """Put every question of a page, from its number to the end of its fold, into one container."""
    openings = [node for node in doctree.findall(nodes.raw) if OPENING in node.astext()]
    for opening in openings:
        siblings = opening.parent.children
        end = siblings.index(opening)
        if not (0 < end < len(siblings) - 2):
            continue
        start = end
        while start and not _is_number(siblings[start]):
            start -= 1
        options, feedback, closing = siblings[end - 1], *siblings[end + 1 : end + 3]
        if not (
            _is_number(siblings[start])
            and _are_options(options)
            and _are_options(feedback)
            and "</details>" in closing.astext()
        ):
            continue
        options["classes"].append("quiz-options")
        feedback["classes"].append("quiz-feedback")
        question = nodes.container("", classes=["quiz-question"])
        parent, parts = opening.parent, siblings[start : end + 3]
        parent[start : end + 3] = [question]
        question += parts


def _are_options(node):
    """Return whether a list holds what a reader chooses from, or what is said to each choice."""
    return isinstance(node, nodes.bullet_list) and bool(OPTION.match(node.astext()))


def _is_number(node):
    """Return whether a paragraph begins a question, as in `**1.**`."""
    return isinstance(node, nodes.paragraph) and bool(
        node.next_node(nodes.strong) and re.match(r"\d+\.(\s|$)", node.astext())
    )


def add_script(app, pagename, templatename, context, doctree):
    """Load the script on the pages that have a question."""
    if 'class="quiz-question' in context.get("body", ""):
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", mark_questions)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
