"""Keeps what residents write out of Rasa's log.

Rasa logs message text where something fails (structured events with `text`, exception messages that quote the
payload) and everywhere at debug level. The filter here stands on every handler: debug records are dropped,
structured events lose the fields that hold words, and the text of the message in progress is blotted out
wherever it still appears.
"""

from __future__ import annotations

import contextvars
import json
import logging
import traceback
from typing import Any, Dict, Text

# The message being handled in this task; set by the channel.
text_in_progress: "contextvars.ContextVar[Text]" = contextvars.ContextVar("text_in_progress", default="")

SAFE_EVENT_KEYS = ("event", "level", "event_key", "action_name", "rasa_version")
MAX_LENGTH = 2000


class NoMessageText(logging.Filter):
    """Rewrites a record so that no words of a resident are left in it; drops debug records."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.INFO:
            return False
        if getattr(record, "wordless", False):
            return True
        message = _without_event_text(_message_of(record))
        if record.exc_info and record.exc_info[0] is not None:
            message = f"{message}\n{_frames(record.exc_info)}"
        text = text_in_progress.get()
        if len(text) > 1:
            message = message.replace(text, "…").replace(json.dumps(text)[1:-1], "…")
        record.msg, record.args = message[:MAX_LENGTH], None
        record.exc_info = record.exc_text = None
        record.wordless = True
        return True


def guard() -> None:
    """Puts the filter on every handler that exists by now. Safe to call again."""
    loggers = [logging.getLogger(), *map(logging.getLogger, list(logging.root.manager.loggerDict))]
    for handler in {handler for logger in loggers for handler in logger.handlers}:
        if not any(isinstance(known, NoMessageText) for known in handler.filters):
            handler.addFilter(NoMessageText())


def _message_of(record: logging.LogRecord) -> Text:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)


def _without_event_text(message: Text) -> Text:
    """A structured event reduced to the fields that never hold words; anything else as it is."""
    if not message.startswith("{"):
        return message
    try:
        event: Dict[Text, Any] = json.loads(message)
    except ValueError:
        return message
    if not isinstance(event, dict) or "event" not in event:
        return message
    kept = {key: event[key] for key in SAFE_EVENT_KEYS if key in event}
    kept["exception"] = [
        e.get("exc_type") for e in event.get("exception") or [] if isinstance(e, dict)
    ] or None
    return json.dumps({key: value for key, value in kept.items() if value is not None}, ensure_ascii=False)


def _frames(exc_info: Any) -> Text:
    """The exception's type and where it arose; not its message, which may quote a payload."""
    kind, _, tb = exc_info
    places = [f"  {f.filename}:{f.lineno} in {f.name}" for f in traceback.extract_tb(tb)[-8:]]
    return "\n".join([f"{kind.__name__}", *places])
