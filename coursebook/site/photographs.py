"""Mark the figures that show pixels: in dark mode line plots change their colours, these do not.

Such a figure comes from a cell that calls ``imshow`` or `lecture_utils.image_grid.show_images`. A
cell that hides it in a function says so itself:

    mystnb: {image: {alt: ..., classes: photograph}}
"""

import re

from docutils import nodes

CLASS = "photograph"
SHOWS_PIXELS = re.compile(r"\b(imshow|matshow|show_images)\(")


def mark_photographs(app, doctree):
    """Add the class to the pictures of cells that draw pixels."""
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code":
            continue
        source = "".join(block.astext() for block in cell.findall(nodes.literal_block))
        if SHOWS_PIXELS.search(source):
            for picture in cell.findall(nodes.image):
                picture["classes"].append(CLASS)


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", mark_photographs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
