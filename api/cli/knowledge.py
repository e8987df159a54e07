"""`lvxiaoyu knowledge …`: what is known, from the command line: import, look, check, publish, go back."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.cli.ask import parse_day
from api.cli.clause_coverage import print_json, print_lines
from api.cli.console import CommandError, err, failures_in_words, out, settings_or_exit
from api.cli.publishing import register
from api.logs import configure_logs
from api.migrations import upgrade
from api.settings import Settings
from knowledge.coverage import coverage
from knowledge.errors import UnknownRow
from knowledge.shipped import ShippedDocument, ShippedEntry, ShippedProgramme
from knowledge.store import (
    ImportDetails,
    create_engine_for,
    import_document,
    list_rows,
    load_published,
    seed,
    show,
)
from knowledge.store.listing import RowKind
from knowledge.store.loading import load_all
from knowledge.validation import validate

app = typer.Typer(help="Look after what the assistant knows.", no_args_is_help=True)

KINDS: tuple[RowKind, ...] = ("document", "entry", "programme")


class Kind(StrEnum):
    document = "document"
    entry = "entry"
    programme = "programme"


class State(StrEnum):
    draft = "draft"
    in_review = "in_review"
    published = "published"
    withdrawn = "withdrawn"


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A policy file: TXT, Markdown, DOCX, HTML, PDF or OFD.")],
    id: Annotated[str | None, typer.Option(help="Document id, such as cq-2026-5.")] = None,
    title: Annotated[str | None, typer.Option()] = None,
    number: Annotated[str | None, typer.Option(help="文号, such as 渝发改规范〔2022〕11号.")] = None,
    issuer: Annotated[list[str] | None, typer.Option(help="Give it once for each issuer.")] = None,
    issued_on: Annotated[str | None, typer.Option(help="YYYY-MM-DD.")] = None,
    effective_from: Annotated[str | None, typer.Option(help="YYYY-MM-DD.")] = None,
    effective_to: Annotated[str | None, typer.Option(help="YYYY-MM-DD.")] = None,
    region: Annotated[str, typer.Option()] = "重庆",
    source_url: Annotated[str | None, typer.Option(help="Where the text was published.")] = None,
) -> None:
    """Read a policy file into a draft. What is not given is taken from the text."""
    with failures_in_words():
        details = ImportDetails(
            id=id,
            title=title,
            document_number=number,
            issuers=tuple(issuer) if issuer else None,
            issued_on=parse_day(issued_on),
            region=region,
            effective_from=parse_day(effective_from),
            effective_to=parse_day(effective_to),
            source_url=source_url,
        )
        engine = _engine(_settings())
        with Session(engine) as session, err.status(f"Reading {escape(path.name)}") as status:
            report = import_document(
                session,
                path=path,
                by=getpass.getuser(),
                details=details,
                progress=lambda step: status.update(f"Reading page {step.page} of {step.pages}"),
            )
            session.commit()
    document = report.document
    read = f"{report.clauses} clauses, draft, read as {report.kind}"
    out.print(f"[bold]{document.id}[/bold]  {escape(document.title)}  ({read})")
    for item in report.set_aside:
        err.print(f"[dim]left out[/dim]  {escape(item.where)}: {escape(item.text[:80])}")
    for warning in report.warnings:
        err.print(f"[yellow]warning[/yellow]  {escape(warning)}")
    err.print(f"[dim]Next: lvxiaoyu knowledge show {document.id}; knowledge publish {document.id}[/dim]")


@app.command("list")
def list_(
    kind: Annotated[Kind | None, typer.Option()] = None,
    state: Annotated[State | None, typer.Option()] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """What there is, with its state."""
    with failures_in_words(), Session(_engine(_settings())) as session:
        rows = list_rows(session, kind=kind.value if kind else None, state=state.value if state else None)
    if as_json:
        out.print_json(json.dumps([asdict(row) for row in rows], default=_plain), ensure_ascii=False)
        return
    table = Table("kind", "id", "title", "state", "changed by", box=None)
    for row in rows:
        changed = row.updated_by if row.edited else ""
        table.add_row(row.kind, escape(row.id), escape(row.title), row.state, escape(changed))
    out.print(table)


@app.command("show")
def show_(
    id: Annotated[str, typer.Argument(help="The id of a document, entry or programme.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """One document, entry or programme, whole."""
    with failures_in_words(), Session(_engine(_settings())) as session:
        item = show(session, kind=_kind_of(session, id), row_id=id)
    if as_json:
        out.print_json(json.dumps(asdict(item), default=str), ensure_ascii=False)
    elif isinstance(item, ShippedDocument):
        _print_document(item)
    elif isinstance(item, ShippedProgramme):
        out.print(
            f"[bold]{escape(item.programme.title)}[/bold]  ({item.state})\n{escape(item.programme.text)}"
        )
    else:
        _print_entry(item)


@app.command("validate")
def validate_() -> None:
    """Check everything in the store, drafts included."""
    with failures_in_words():
        with Session(_engine(_settings())) as session:
            problems = validate(load_all(session))
        for problem in problems:
            out.print(escape(problem))
        if problems:
            raise CommandError(f"{len(problems)} problems. Correct them before publishing.")
    out.print("Nothing is wrong.")


@app.command("coverage")
def coverage_(
    missing: Annotated[bool, typer.Option("--missing", help="List the sentences nobody quotes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """How many entries each published clause has. Fails where one that says something has none."""
    with failures_in_words():
        with Session(_engine(_settings())) as session:
            found = coverage(load_published(session))
        if as_json:
            print_json(found)
        else:
            print_lines(found, missing=missing)
        if gaps := [item.clause_id for item in found if item.is_gap]:
            raise CommandError(f"No entry quotes {', '.join(gaps)}. Write one for each.")


def _settings() -> Settings:
    configure_logs("error")
    return settings_or_exit()


def _engine(settings: Settings) -> Engine:
    """The database, brought up to date, with the shipped content in it."""
    upgrade(settings.database)
    engine = create_engine_for(settings.database)
    with Session(engine) as session:
        seed(session)
    return engine


def _kind_of(session: Session, row_id: str) -> RowKind:
    for kind in KINDS:
        try:
            show(session, kind=kind, row_id=row_id)
        except UnknownRow:
            continue
        return kind
    raise CommandError(f"Nothing has the id '{row_id}'. `lvxiaoyu knowledge list` shows the ids there are.")


def _print_document(item: ShippedDocument) -> None:
    document = item.document
    out.print(
        f"[bold]{escape(document.title)}[/bold]  {escape(document.document_number or '')}  ({item.state})"
    )
    for clause in item.clauses:
        mark = "  [yellow]incomplete[/yellow]" if clause.incomplete else ""
        out.print(f"[green]{escape(clause.id)}[/green]  [dim]{escape(clause.label)}[/dim]{mark}")
        out.print(escape(clause.text))
    for warning in document.warnings:
        err.print(f"[yellow]warning[/yellow]  {escape(warning)}")


def _print_entry(item: ShippedEntry) -> None:
    entry = item.entry
    out.print(f"[bold]{escape(entry.question)}[/bold]  ({item.state})")
    for variant in entry.variants:
        out.print(f"  = {escape(variant)}")
    for quote in entry.quotes:
        out.print(f"  [green]{escape(quote.clause_id)}[/green] {escape(quote.text)}")
    for name, values in (("for", entry.tags), ("beside it", entry.programmes)):
        if values:
            out.print(f"  [dim]{name}[/dim] {escape('、'.join(values))}")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _opened() -> tuple[Settings, Engine]:
    settings = _settings()
    return settings, _engine(settings)


register(app, _opened)
