"""Editions in other languages: update, check, status; see coursebook.translation."""

import sys

from coursebook.translation.command import main

if __name__ == "__main__":
    sys.exit(main())
