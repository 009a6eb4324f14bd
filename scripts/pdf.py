"""Set the whole book as a PDF: what `make pdf` runs."""

import sys

from coursebook.pdf import main

if __name__ == "__main__":
    sys.exit(main())
