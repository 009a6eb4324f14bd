"""Run the chapters as other processors would: what `make portability` runs."""

import sys

from coursebook.portability import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
