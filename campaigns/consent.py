"""The words that a resident consents to, read from `consent.yml`, and how long records stay after the end.

Owns filling in who sends and for how long. Who consented to which of these words is the store's matter: it
keeps each text as it was shown, so this file may change.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from campaigns.errors import InvalidFile, InvalidInput, shown
from campaigns.model import Wording

CONSENT_FILE = Path(__file__).with_name("consent.yml")
LONGEST_OPERATOR = 100


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """`wording` is shown; `kept_days_after_end` is what it promises and what `delete_ended` is given."""

    wording: Wording
    kept_days_after_end: int


def load_terms(*, operator: str | None = None, path: Path = CONSENT_FILE) -> ConsentTerms:
    """The terms of this release; `operator` is the name of whoever runs the installation and sends.

    Raises InvalidFile naming the file and its fault, InvalidInput for an empty or overlong operator.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidFile(f"{path} cannot be read ({error}); restore it from the release.") from error
    if not isinstance(found, dict):
        raise InvalidFile(f"{path} holds no table; write version, operator, kept_days_after_end and text.")
    days = found.get("kept_days_after_end")
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        raise InvalidFile(f"{path}: kept_days_after_end is {days!r}; write a whole number of days.")
    template = found.get("text")
    if not isinstance(template, str) or "{operator}" not in template or "{days}" not in template:
        raise InvalidFile(
            f"{path}: text must name {{operator}} and {{days}}: who sends and how long it is kept."
        )
    name = operator if operator is not None else found.get("operator")
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_OPERATOR:
        raise InvalidInput(
            f"The operator is {shown(name)}; name whoever sends, in at most {LONGEST_OPERATOR} signs."
        )
    text = template.replace("{days}", str(days)).replace("{operator}", name.strip()).strip()
    try:
        return ConsentTerms(Wording(found.get("version", ""), text), days)
    except InvalidInput as error:
        raise InvalidFile(f"{path}: {error}") from error
