"""Photograph built pages: `python scripts/screenshots.py FOLDER [PAGE ...]`."""

import sys

from coursebook.browser import main

if __name__ == "__main__":
    sys.exit(main())
