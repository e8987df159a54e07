"""`python -m index.evaluation`."""

import sys

from index.evaluation.command import main

if __name__ == "__main__":
    sys.exit(main())
