"""Build a notebook from its page, or check the pair: what `make chapter` runs."""

import sys

from coursebook.build import main

if __name__ == "__main__":
    sys.exit(main())
