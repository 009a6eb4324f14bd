"""Build only the pages that changed: what `make page` runs while somebody writes.

    python scripts/build_page.py

It is what `make book` runs (`coursebook.book`), for the pages that changed, and without a third of
its start: whoever imports jsonschema compiles 38 grammars of web addresses, if they are installed,
and JupyterLab's event log installs them. No schema of a book has such an address to check.
"""

import sys

sys.modules["rfc3987_syntax"] = None  # not installed, as far as jsonschema can see

from jupyter_book.cli.main import main  # noqa: E402

if __name__ == "__main__":
    main(["build", "-W", "--keep-going", *sys.argv[1:], "."])
