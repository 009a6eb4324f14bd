"""Mark the block quotes that begin with **Predict.**, so that the style sheet makes them boxes."""

from docutils import nodes


def mark_boxes(app, doctree):
    """Add a class to every such quote; other quotes stay as they are."""
    for quote in doctree.findall(nodes.block_quote):
        opening = quote.next_node(nodes.strong)
        if opening is not None and opening.astext() == "Predict.":
            quote["classes"].append("predict")


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", mark_boxes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
