"""A programme's card as plain fields: amounts and rules keep every figure as text.

The card's words are rendered from the fields, never kept.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, cast, get_args

import yaml

from knowledge.content_loader import CONTENT
from knowledge.editing.rule_form import rule_from_plain, rule_to_plain
from knowledge.fields import Fields
from knowledge.model import Amount, Force, Programme, Source, State
from knowledge.programme_text import Wording, render
from knowledge.shipped import CheckedSource, ShippedProgramme

PROGRAMME_KINDS = ("subsidy", "tax", "rule", "service", "event")


def programme_to_plain(item: ShippedProgramme) -> dict[str, Any]:
    programme = item.programme
    return {
        "id": programme.id,
        "state": item.state,
        "title": programme.title,
        "kind": programme.kind,
        "force": programme.force,
        "summary": programme.summary,
        "amounts": [
            {
                "what": amount.what,
                "rate": amount.rate,
                "cap": amount.cap,
                "unit": amount.unit,
                "valid_from": iso(amount.valid_from),
                "valid_to": iso(amount.valid_to),
            }
            for amount in programme.amounts
        ],
        "conditions": list(programme.conditions),
        "rules": [rule_to_plain(rule) for rule in programme.rules],
        "how_to_apply": programme.how_to_apply,
        "region": programme.region,
        "issuer": programme.issuer,
        "document_number": programme.document_number,
        "valid_from": iso(programme.valid_from),
        "valid_to": iso(programme.valid_to),
        "checked_on": programme.checked_on.isoformat(),
        "sources": [
            {
                "title": source.title,
                "publisher": source.publisher,
                "url": source.url,
                "quote": source.quote,
            }
            for source in programme.sources
        ],
        "checked_against": [
            {
                "title": source.title,
                "publisher": source.publisher,
                "url": source.url,
                "quote": source.quote,
                "link_ok": source.link_ok,
            }
            for source in item.checked_against
        ],
        "confidence": item.confidence,
        "note": item.note,
    }


def programme_from_fields(fields: Fields) -> ShippedProgramme:
    kind, summary = fields.choice("kind", PROGRAMME_KINDS), fields.text("summary", "")
    amounts, conditions = fields.each("amounts", _amount), fields.texts("conditions")
    how_to_apply = fields.text("how_to_apply", "")
    checked_on = fields.day("checked_on")
    if checked_on is None:
        fields.text("checked_on")  # says that it is missing
    programme = Programme(
        id=fields.text("id"),
        title=fields.text("title", ""),
        kind=kind,
        summary=summary,
        text=render(
            kind=kind,
            summary=summary,
            amounts=amounts,
            conditions=conditions,
            how_to_apply=how_to_apply,
            wording=_wording(),
        ),
        amounts=amounts,
        conditions=conditions,
        how_to_apply=how_to_apply,
        region=fields.text("region", ""),
        issuer=fields.text("issuer", ""),
        document_number=fields.optional_text("document_number"),
        sources=fields.each("sources", _source),
        checked_on=cast(date, checked_on),
        force=fields.choice("force", get_args(Force)),
        valid_from=fields.day("valid_from"),
        valid_to=fields.day("valid_to"),
        rules=fields.each("rules", rule_from_plain),
    )
    return ShippedProgramme(
        programme,
        fields.choice("state", get_args(State), default="published"),
        fields.text("confidence", ""),
        fields.text("note", ""),
        fields.each("checked_against", _checked),
    )


def _amount(raw: object) -> Amount:
    fields = Fields(raw, ("what", "rate", "cap", "unit", "valid_from", "valid_to"), "amounts")
    return Amount(
        what=fields.text("what", ""),
        rate=fields.decimal("rate"),
        cap=fields.decimal("cap"),
        unit=fields.optional_text("unit"),
        valid_from=fields.day("valid_from"),
        valid_to=fields.day("valid_to"),
    )


def _source(raw: object) -> Source:
    fields = Fields(raw, ("title", "publisher", "url", "quote"), "sources")
    return Source(
        fields.text("title", ""),
        fields.text("publisher", ""),
        fields.optional_text("url"),
        fields.text("quote", ""),
    )


def _checked(raw: object) -> CheckedSource:
    fields = Fields(raw, ("title", "publisher", "url", "quote", "link_ok"), "checked_against")
    return CheckedSource(
        fields.text("title", ""),
        fields.text("publisher", ""),
        fields.optional_text("url"),
        fields.text("quote", ""),
        fields.switch("link_ok"),
    )


def iso(value: date | None) -> str | None:
    """The day as text."""
    return value.isoformat() if value is not None else None


@cache
def _wording() -> Wording:
    raw: Wording = yaml.safe_load((CONTENT / "wording.yml").read_text(encoding="utf-8"))
    return raw
