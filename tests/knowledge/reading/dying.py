"""A child that is killed before it says a word, as by a fault in a library."""

import os
import signal

os.kill(os.getpid(), signal.SIGSEGV)
