"""`python -m pyhttpd`."""

import sys

from pyhttpd.cli import main

if __name__ == "__main__":
    sys.exit(main())
