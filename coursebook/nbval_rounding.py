"""A pytest plugin for nbval: with LECTURE_ROUNDING=seed, kernels imitate another rounding."""

import os

from nbval.plugin import IPyNbCell


def pytest_itemcollected(item):
    """Have the notebook change its kernel before the first cell."""
    notebook, seed = item.parent, os.environ.get("LECTURE_ROUNDING")
    if not (seed and isinstance(item, IPyNbCell)) or hasattr(notebook, "lecture_rounding"):
        return
    notebook.lecture_rounding = int(seed)
    setup = notebook.setup

    def setup_rounding():
        setup()
        code = f"from coursebook import rounding; rounding.imitate({notebook.lecture_rounding})"
        client = notebook.kernel.kc
        reply = client.execute(code, silent=True, store_history=False, reply=True, timeout=60)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"the kernel imitates no rounding: {reply['content']}")

    notebook.setup = setup_rounding
