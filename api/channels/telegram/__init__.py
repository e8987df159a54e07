"""Telegram as a channel: its updates understood, replies shown as HTML with buttons, its limits kept.

It keeps data abroad: nothing here speaks to it before an administrator has confirmed having assessed that.
"""

import os

# The library gives waiting times as timedelta, as it will by itself in its next major version.
os.environ.setdefault("PTB_TIMEDELTA", "true")

CHANNEL = "telegram"
