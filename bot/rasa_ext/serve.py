"""Starts Rasa's server for the app: loopback, one channel, no HTTP API, no telemetry.

Does what `rasa run` does and no more, and ends with whoever holds the other end of its standard input.
Settings come as environment variables named in bot/endpoints.yml and bot/credentials.yml.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
import warnings
from pathlib import Path

GRACE_S = 5.0


def end_with_parent() -> None:
    """Stops this process group when standard input closes, which the kernel does when the parent is gone."""

    def watch() -> None:
        # Not through sys.stdin: its lock, held here for ever, would break the interpreter's own end.
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_S)
        os.killpg(os.getpgrp(), signal.SIGKILL) if os.getpgrp() == os.getpid() else os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def main() -> None:
    parser = argparse.ArgumentParser(description="Rasa for the app")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()

    end_with_parent()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["FORCE_JSON_LOGGING"] = "1"
    warnings.simplefilter("ignore")
    root = Path(__file__).resolve().parents[2]
    sys.path.insert(0, str(root))

    import logging

    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings(logging.INFO, str(root / "bot" / "logging.yml"))
    warnings.simplefilter("ignore")
    configure_structlog(logging.INFO)
    serve_application(
        model_path=str(arguments.model),
        interface=arguments.host,
        port=arguments.port,
        credentials=str(root / "bot" / "credentials.yml"),
        endpoints=AvailableEndpoints.read_endpoints(str(root / "bot" / "endpoints.yml")),
        enable_api=False,
    )


if __name__ == "__main__":
    main()
