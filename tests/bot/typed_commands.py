"""Runs inside the dialogue environment: which texts Rasa's own reader takes for a command, before and after the
channel's escape. Reads a JSON list of texts from standard input, prints {"raw": [...], "escaped": [...]}."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
warnings.simplefilter("ignore")

from rasa.core.channels.channel import UserMessage  # noqa: E402
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler  # noqa: E402
from rasa.shared.core.domain import Domain  # noqa: E402
from rasa.shared.nlu.training_data.message import Message  # noqa: E402

from bot.rasa_ext.channel import escaped  # noqa: E402


def main() -> None:
    domain = Domain.load(str(ROOT / "bot" / "domain"))

    def acts(text: str) -> bool:
        """As the processor does it: the message's text, then the handler that every recipe holds."""
        message = Message({"text": UserMessage(text).text})
        (read,) = RegexMessageHandler().process([message], domain)
        return bool(read.get("intent") or read.get("entities"))

    texts = json.load(sys.stdin)
    report = {
        "raw": [text for text in texts if acts(text)],
        "escaped": [text for text in texts if acts(escaped(text))],
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
