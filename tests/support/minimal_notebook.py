"""Notebooks of a few cells, with the outputs that a test stores in them."""

import nbformat


def notebook(*cells, requires=()):
    """Return a notebook of (source, stored text, metadata) cells."""
    built = nbformat.v4.new_notebook(metadata={"lecture": {"requires": list(requires)}})
    for count, (source, text, metadata) in enumerate(cells, 1):
        output = nbformat.v4.new_output("stream", name="stdout", text=text)
        built.cells.append(
            nbformat.v4.new_code_cell(
                source, outputs=[output], execution_count=count, metadata=metadata
            )
        )
    return built
