"""The days, months and years that a text states, so that two texts can be held against each other."""

from __future__ import annotations

import re
import unicodedata

_DAY = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?:年(?:(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日)?)?"
    r"|-(?P<iso_month>\d\d)-(?P<iso_day>\d\d))"
)


def stated_days(text: str) -> dict[str, str]:
    """Each day as far as it is told (2025, 2025-06, 2025-06-30), with the words of the text."""
    plain = unicodedata.normalize("NFKC", text)
    found: dict[str, str] = {}
    for match in _DAY.finditer(plain):
        parts = [match["month"] or match["iso_month"], match["day"] or match["iso_day"]]
        told = "-".join([match["year"], *(f"{int(part):02d}" for part in parts if part)])
        found.setdefault(told, match[0])
    return found
