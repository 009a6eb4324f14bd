"""Write or run the notebooks that stand alone, as Colab opens them."""

import sys

from coursebook.standalone import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
