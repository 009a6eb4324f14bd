"""Prove what Binder does: `python scripts/binder_trial.py [CHAPTER ...]`."""

import sys

from coursebook.binder_trial import main

if __name__ == "__main__":
    sys.exit(main())
