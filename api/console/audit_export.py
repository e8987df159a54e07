"""The audit log as a file: CSV for a spreadsheet, JSON lines for a machine; written while it is read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import StreamingResponse

from api.accounts.audit import AuditLine, Sought
from api.accounts.roles import Forbidden
from api.clock import LOCAL
from api.console.entry import visit_of
from api.console.guard import PREFIX
from api.desk.accounts import AuditDesk
from api.problems import Problem

COLUMNS = ("position", "at", "by", "what", "kind", "subject", "before", "after")
BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for the local encoding."""
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")

router = APIRouter(prefix=PREFIX, include_in_schema=False)


@router.get("/audit/export")
def export(
    request: Request,
    form: Annotated[Literal["csv", "jsonl"], Query(alias="format")] = "csv",
    by: str = "",
    what: str = "",
    kind: str = "",
    text: str = "",
    since: date | None = None,
    until: date | None = None,
) -> StreamingResponse:
    """All lines that fit; `since` and `until` are days here, both included."""
    visit = visit_of(request)
    first, end = between(since, until)
    sought = Sought(by=by, what=what, kind=kind, text=text, since=first, until=end)
    try:
        lines = AuditDesk(visit.services, visit.actor).every_line(sought)
    except Forbidden:
        raise Problem("forbidden") from None
    name = f"audit-{visit.services.clock.today():%Y%m%d}.{form}"
    media = "text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson"
    written = as_csv(lines) if form == "csv" else as_json_lines(lines)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(written, media_type=media, headers=headers)


def between(since: date | None, until: date | None) -> tuple[datetime | None, datetime | None]:
    """Two days here, both included, as the moments where they begin and where they are over."""
    return (
        datetime.combine(since, time(), LOCAL) if since else None,
        datetime.combine(until + timedelta(days=1), time(), LOCAL) if until else None,
    )


def as_csv(lines: Iterable[AuditLine]) -> Iterator[str]:
    yield BOM + _row(COLUMNS)
    for line in lines:
        yield _row([harmless(_cell(value)) for value in asdict(line).values()])


def as_json_lines(lines: Iterable[AuditLine]) -> Iterator[str]:
    for line in lines:
        yield json.dumps(asdict(line) | {"at": line.at.isoformat()}, ensure_ascii=False) + "\n"


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_RUNS) else cell


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).isoformat(timespec="seconds")
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _row(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
