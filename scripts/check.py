"""Every check of the course, stage by stage: what `make test` runs."""

import sys

from coursebook.stages import main

if __name__ == "__main__":
    sys.exit(main())
