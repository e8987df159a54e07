"""`lvxiaoyu knowledge export | import-entries`: knowledge out into files and in again, as drafts."""

from __future__ import annotations

import getpass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.accounts.audit import AuditLog
from api.cli.console import CommandError, err, failures_in_words, out, settings_or_exit
from api.clock import SystemClock
from api.logs import configure_logs
from api.migrations import upgrade
from knowledge.editing import Editing
from knowledge.exchange import (
    ImportPlan,
    Planned,
    Reading,
    carry_out,
    content_files,
    entries_csv,
    entries_xlsx,
    plan,
    read_folder,
    read_import,
    with_drafts,
    write_folder,
    zipped,
)
from knowledge.store import create_engine_for, seed

_SHOWN = 20


class Format(StrEnum):
    yaml = "yaml"
    xlsx = "xlsx"
    csv = "csv"


def export(
    target: Annotated[Path, typer.Argument(metavar="OUT", help="A folder or .zip (yaml), or a file.")],
    form: Annotated[Format | None, typer.Option("--format", help="Else told by the file's name.")] = None,
    ids: Annotated[
        list[str] | None, typer.Option("--id", help="Only this document, entry or programme; repeatable.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="OUT is a content folder or a file that may be replaced.")
    ] = False,
) -> None:
    """Write knowledge into files: the YAML of a content folder, or a table of entries as XLSX or CSV."""
    with failures_in_words():
        chosen = form or _told(target)
        content = with_drafts(_editing().stock(), ids or None)
        if chosen is Format.yaml and target.suffix.casefold() != ".zip":
            layout = {"like": target} if replace and target.is_dir() else {}
            files = content_files(content, lexicon=not ids, **layout)
            if replace and ids:
                raise CommandError(
                    "--replace removes what is not exported, so it doesn't go with --id. "
                    "Export into an empty folder instead."
                )
            changed = write_folder(files, target, replace=replace)
            out.print(f"{len(files)} files in {escape(str(target))}, {len(changed)} of them new or changed.")
            return
        if target.exists() and not replace:
            raise CommandError(f"{target} is there already. Give another name, or --replace.")
        data = (
            zipped(content_files(content, lexicon=not ids))
            if chosen is Format.yaml
            else entries_xlsx(content.entries)
            if chosen is Format.xlsx
            else entries_csv(content.entries)
        )
        _write(target, data)
        out.print(f"{escape(str(target))}: {len(content.entries)} entries, {len(data):,} bytes.")


def import_entries(
    source: Annotated[Path, typer.Argument(metavar="FILE", help=".xlsx, .csv, .yml, .zip or a folder.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    note: Annotated[str, typer.Option(help="Why, for whoever reviews the drafts.")] = "",
) -> None:
    """Read entries, programmes, documents and words into drafts: all of them, or nothing."""
    with failures_in_words():
        editing = _editing()
        found = plan(_read(source), editing.stock())
        _print(found)
        if not found.ready:
            count = len(found.problems) + len(found.conflicts)
            raise CommandError(f"{count} rows need a correction; nothing was imported.")
        if dry_run:
            err.print("[dim]A dry run: nothing was imported.[/dim]")
            return
        drafts = carry_out(editing, found, by=getpass.getuser(), note=note)
        out.print(f"{len(drafts)} drafts saved. Another person reviews them before they are published.")


def _editing() -> Editing:
    """Editing over the database, brought up to date, with the shipped content in it."""
    configure_logs("error")
    settings, clock = settings_or_exit(), SystemClock()
    upgrade(settings.database)
    engine: Engine = create_engine_for(settings.database)
    with Session(engine) as session:
        seed(session)
    return Editing(engine, now=clock.now, journal=AuditLog(engine, clock=clock))


def _told(target: Path) -> Format:
    suffix = target.suffix.casefold()
    return Format(suffix[1:]) if suffix in (".xlsx", ".csv") else Format.yaml


def _read(source: Path) -> Reading:
    if source.is_dir():
        return read_folder(source)
    try:
        return read_import(source.read_bytes(), source.name)
    except OSError as error:
        raise CommandError(f"{source} cannot be read ({error.strerror}). Check the path.") from error


def _write(target: Path, data: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}.new")
        fresh.write_bytes(data)
        fresh.replace(target)
    except OSError as error:
        raise CommandError(f"{target} cannot be written ({error.strerror}).") from error


def _print(found: ImportPlan) -> None:
    out.print(
        f"new {len(found.new)}  changed {len(found.changed)}  unchanged {len(found.unchanged)}  "
        f"conflicts {len(found.conflicts)}  skipped {len(found.skipped)}  to correct {len(found.problems)}"
    )
    for word, planned in (("new", found.new), ("changed", found.changed)):
        _print_rows(word, planned)
    for item in found.conflicts:
        if item.draft is not None:
            err.print(
                f"[red]conflict[/red]  {escape(item.row_id)}: {escape(item.draft.updated_by)} has a draft"
            )
    for problem in found.problems:
        err.print(f"[red]row[/red]  {escape(str(problem))}")


def _print_rows(word: str, planned: tuple[Planned, ...]) -> None:
    for item in planned[:_SHOWN]:
        fields = "、".join(change.label for change in item.changes) if word == "changed" else ""
        out.print(f"[green]{word}[/green]  {escape(item.row_id)}  {escape(item.title)}  [dim]{fields}[/dim]")
    if len(planned) > _SHOWN:
        out.print(f"[dim]… and {len(planned) - _SHOWN} more[/dim]")
