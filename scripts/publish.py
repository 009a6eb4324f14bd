"""Build the site with its archives: what `make publish` runs."""

import sys

from coursebook.publish import main

if __name__ == "__main__":
    sys.exit(main())
