"""What can go wrong with campaigns, in words that name the thing, the value and the remedy."""

from __future__ import annotations

_SHOWN = 40


class CampaignError(Exception):
    """Root of everything this package raises on purpose."""


class InvalidInput(CampaignError):
    """A value of the wrong shape: a person, channel, district, message id, wording or choice."""


class UnknownTopic(InvalidInput):
    """A topic that is not offered."""


class NotSubscribed(CampaignError):
    """A change to a subscription that is not there, or has ended."""


class InvalidFile(CampaignError):
    """A file of this package that cannot be used as it stands."""


class Contended(CampaignError):
    """A subscription that others opened and ended each time we looked."""


def shown(value: object) -> str:
    """A value as a message may carry it: quoted, short, control signs escaped, whatever was given."""
    if isinstance(value, str):
        return repr(value[:_SHOWN]) + ("…" if len(value) > _SHOWN else "")
    return f"a value of type {type(value).__name__}"


class UnknownCampaign(CampaignError):
    """A campaign, week, day or activity that is not there."""


class NotAllowed(CampaignError):
    """A step that the state, or who takes it, does not allow."""


class ChangedMeanwhile(NotAllowed):
    """Somebody else changed it since it was read."""


class KeyTaken(CampaignError):
    """An idempotency key that was used for something else."""
