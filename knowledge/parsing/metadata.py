"""What a policy file says about itself: title, document number, issuers, date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from knowledge.model import Clause
from knowledge.parsing.sections import DATE, DOCUMENT_NUMBER, is_title_note

_OFFICES = ("委员会", "局", "厅", "部", "政府", "院", "办公室", "会", "署", "行", "总队", "中心")


@dataclass(frozen=True, slots=True)
class Metadata:
    """As detected; what was not found is empty, for the importer to fill in."""

    title: str | None = None
    document_number: str | None = None
    issuers: tuple[str, ...] = ()
    issued_on: date | None = None


def detect_metadata(clauses: tuple[Clause, ...]) -> Metadata:
    """The metadata that the head and the signature of a document name."""
    by_path = {clause.path: clause.text for clause in clauses}
    head = [by_path[path] for path in ("notice", "title", "preamble", "signature") if path in by_path]
    lines = [line for text in head for line in text.split("\n")]
    number = next(
        (match[0] for line in lines if (match := DOCUMENT_NUMBER.search(line)) and len(line) < 60), None
    )
    signed = by_path.get("notice") or by_path.get("signature") or ""
    issuers, issued = _signature(signed.split("\n"))
    heading = by_path.get("title", "").split("\n")
    title = next((line for line in heading if line and not is_title_note(line)), None)
    if issued is None and (match := DATE.search(by_path.get("title", ""))):
        issued = _date(match[1], match[2], match[3])
    return Metadata(title, number, issuers, issued)


def _signature(lines: list[str]) -> tuple[tuple[str, ...], date | None]:
    """The offices directly above the last date that stands alone on its line."""
    dated = [i for i, line in enumerate(lines) if DATE.fullmatch(line)]
    if not dated:
        return (), None
    offices: list[str] = []
    for line in reversed(lines[: dated[-1]]):
        if len(line) > 30 or not line.endswith(_OFFICES) or any(sign in line for sign in "，。：、"):
            break
        offices.insert(0, line)
    match = DATE.fullmatch(lines[dated[-1]])
    return tuple(offices), _date(match[1], match[2], match[3]) if match else None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
