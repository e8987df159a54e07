"""Makes Rasa 3.6.21 several times faster without changing a reply: the same work, done once.

Each module here replaces named functions of Rasa by others with the same result and says what that is
worth. Figures are shares of a message's time in stock Rasa or in the state before the replacement, measured
on two cores with this bot; `python -m bench.stock_rasa` measures the whole again. What concerns the
database stands in bot/rasa_ext/store.py. On any other version of Rasa nothing is touched and a warning is
logged.
"""

from __future__ import annotations

import gc
import logging

import rasa

from bot.rasa_ext.speedups import calls, domains, events, graph, intents, locks, logs, rules, trackers

__all__ = ["MEASURED_VERSION", "close", "install", "made_for", "settle"]

logger = logging.getLogger(__name__)

MEASURED_VERSION = "3.6.21"
_MODULES = (events, domains, trackers, rules, graph, intents, calls, locks, logs)

_installed: list[str] = []

close = calls.close


def made_for(version: str) -> bool:
    """Whether the replacements were written for this `version`; a warning is logged where they weren't."""
    if version == MEASURED_VERSION:
        return True
    logger.warning(
        "Speed-ups are switched off: they are made for Rasa %s, this is %s.", MEASURED_VERSION, version
    )
    return False


def install(version: str = rasa.__version__) -> bool:
    """Puts all of them in place, before a model is loaded; False where they are not made for `version`."""
    if not made_for(version):
        return False
    for module in _MODULES:
        module.install()
    _installed.append(version)
    return True


def settle() -> None:
    """To be called once warm: what is loaded by then stays, so the collector need not look through it again.

    A full collection over what Rasa and TensorFlow load takes 0.2 s, in the midst of some message.
    """
    if _installed:
        gc.collect()
        gc.freeze()
