"""What can be wrong with a backup or with the place that it is to go to."""

from __future__ import annotations


class BackupError(Exception):
    """A whole sentence that says what to do. Nothing was changed."""
