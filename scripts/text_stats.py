"""How pages read, in numbers: `python scripts/text_stats.py [PAGE ...]`."""

import sys

from coursebook.statistics import main

if __name__ == "__main__":
    sys.exit(main())
