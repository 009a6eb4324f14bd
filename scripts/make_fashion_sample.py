"""Draw the sample of Fashion-MNIST: `python scripts/make_fashion_sample.py [TARGET_FOLDER]`."""

import sys
from pathlib import Path

from coursebook.fashion_sample import TARGET, main

if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
