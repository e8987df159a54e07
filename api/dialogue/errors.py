"""What can go wrong between the app and Rasa."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Reason = Literal["timeout", "connection", "status", "malformed", "empty", "incomplete"]


class DialogueError(Exception):
    """Root of this package's errors; the message is meant for whoever runs the app."""


class DialogueUnavailable(DialogueError):
    """No complete turn came back. `reason` says how it failed; a caller treats all of them alike."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"dialogue unavailable ({reason}{': ' + detail if detail else ''})")
        self.reason: Reason = reason


class PortInUse(DialogueError):
    """Another program holds the port that Rasa is to listen on."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is in use: stop what holds it or choose another with RASA_PORT."
        )
        self.port = port


class EnvironmentMissing(DialogueError):
    """There is no Python that Rasa could run on."""

    def __init__(self, python: Path) -> None:
        super().__init__(
            f"The dialogue's Python {python} cannot be run: make its environment with "
            "`requirements/install.sh rasa`, or name another with LVXIAOYU_RASA_PYTHON."
        )
        self.python = python


class TrainingFailed(DialogueError):
    """Rasa could not train a model; its log says why."""

    def __init__(self, log_file: Path, detail: str) -> None:
        super().__init__(f"The dialogue model could not be trained ({detail}). See {log_file}.")
        self.log_file = log_file


class StartFailed(DialogueError):
    """Rasa did not become ready in time; its log says why."""

    def __init__(self, log_file: Path, detail: str) -> None:
        super().__init__(f"Rasa is not ready ({detail}). See {log_file}.")
        self.log_file = log_file
