"""The environment variables that every Rasa subprocess of ours gets.

Nothing of the app's own environment that Rasa does not need goes along: no secret, no proxy, no PYTHONPATH.
"""

from __future__ import annotations

import os
from pathlib import Path

from api.dialogue.errors import EnvironmentMissing

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "OMP_NUM_THREADS")


def check_python(python: Path) -> None:
    """Raises `EnvironmentMissing` where there is nothing to run. It is not started: that takes a second."""
    if not (python.is_file() and os.access(python, os.X_OK)):
        raise EnvironmentMissing(python)


def rasa_environment(private_dir: Path, **settings: str) -> dict[str, str]:
    """`private_dir` becomes the temporary folder: jieba keeps its cache there and loads what it finds."""
    private_dir.mkdir(parents=True, exist_ok=True)
    private_dir.chmod(0o700)
    return {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        "TMPDIR": str(private_dir.resolve()),
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONWARNINGS": "ignore",
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "MPLCONFIGDIR": str(private_dir.resolve()),
        "TF_NUM_INTRAOP_THREADS": "1",
        **settings,
    }
