"""A child that never ends its answer."""

import sys

try:
    while True:
        sys.stdout.write("x" * 1000)
except BrokenPipeError:
    sys.exit(0)
