"""`lvxiaoyu knowledge diff | publish | rollback`: from approved drafts to answers, and back.

The same way as in the console: previewed, asked the golden questions, then published in one step. A running
app serves what was published here within two seconds.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.accounts.audit import AuditLog
from api.cli.console import CommandError, Progress, err, failures_in_words, out
from api.clock import SystemClock
from api.settings import Settings
from knowledge.editing.model import Draft
from knowledge.editing.service import Editing
from knowledge.errors import UnknownRow
from knowledge.publishing.model import Release
from knowledge.publishing.planning import StateChange
from knowledge.store import show
from knowledge.store.listing import RowKind

if TYPE_CHECKING:
    from knowledge.publishing.publisher import Publisher

KINDS: tuple[RowKind, ...] = ("document", "entry", "programme")
SHOWN = 20


def register(app: typer.Typer, opened: Callable[[], tuple[Settings, Engine]]) -> None:
    """Add the commands to `knowledge`; `opened` gives the settings and the database, brought up to date."""

    @app.command("diff")
    def diff(
        ids: Annotated[list[str] | None, typer.Argument(help="Only these rows.")] = None,
    ) -> None:
        """What open drafts would change of what is published, field by field."""
        with failures_in_words():
            _, engine = opened()
            editing = _editing(engine)
            drafts = [d for d in editing.drafts() if not ids or d.row_id in ids]
            if missing := set(ids or ()) - {draft.row_id for draft in drafts}:
                raise CommandError(f"No open draft of {', '.join(sorted(missing))}.")
            for draft in drafts:
                _print_draft(editing, draft)
        if not drafts:
            out.print("There are no open drafts.")

    @app.command("publish")
    def publish(
        ids: Annotated[
            list[str] | None, typer.Argument(help="Rows with an approved draft, or imported.")
        ] = None,
        everything: Annotated[bool, typer.Option("--all", help="Every approved draft.")] = False,
        reason: Annotated[str, typer.Option(help="Why, where golden questions get worse.")] = "",
        only_preview: Annotated[bool, typer.Option("--preview", help="Change nothing.")] = False,
    ) -> None:
        """Check, build, ask the golden questions, and then publish."""
        with failures_in_words():
            if bool(ids) == everything:
                raise CommandError("Name what to publish, or say --all for every approved draft.")
            settings, engine = opened()
            drafts, states = _chosen(engine, ids)
            publisher = open_publisher(settings, engine)
            progress = Progress()
            said: list[str] = []

            def tell(what: str, share: float) -> None:
                if what.partition(" ")[0] not in said:
                    said.append(what.partition(" ")[0])
                    progress(what.partition(" ")[0])

            release = publisher.preview(
                [draft.id for draft in drafts], by=getpass.getuser(), states=states, progress=tell
            )
            _print_preview(release)
            if only_preview:
                return
            release = publisher.publish(release.id, by=getpass.getuser(), reason=reason)
        names = "、".join(row.id for row in release.rows)
        out.print(f"{escape(names)} is live in snapshot {release.snapshot} (release {release.id}).")

    @app.command("rollback")
    def rollback(
        release: Annotated[str | None, typer.Argument(help="A release; else the one before.")] = None,
        only_list: Annotated[bool, typer.Option("--list", help="Only list the releases there are.")] = False,
        reason: Annotated[str, typer.Option(help="Why; it is kept in the history.")] = "",
    ) -> None:
        """Answer as when an earlier release was the newest: rows and index alike."""
        with failures_in_words():
            settings, engine = opened()
            publisher = open_publisher(settings, engine)
            history = publisher.history()
            if only_list:
                _print_history(history)
                return
            before = history[1].id if len(history) > 1 else None
            target = release or before
            if target is None:
                raise CommandError("There is no earlier release. Publish something first.")
            done = publisher.roll_back(target, by=getpass.getuser(), reason=reason or "命令行回退")
        for name in done.kept:
            err.print(f"[yellow]kept[/yellow]  {escape(name)} was changed since and stays as it is")
        out.print(f"Snapshot {done.snapshot} is live (release {done.id}).")


def open_publisher(settings: Settings, engine: Engine) -> Publisher:
    """The publisher of a command: loads the encoder, which takes seconds."""
    from api.publishing.assembling import build_publishing
    from api.wiring import open_index
    from knowledge.publishing.planning import publishable

    with Session(engine) as session:
        knowledge = publishable(session)
    live, _ = open_index(settings, knowledge, Progress())
    clock = SystemClock()
    journal = AuditLog(engine, clock=clock)
    drafts = _editing(engine)
    return build_publishing(
        settings, engine, live=live, drafts=drafts, journal=journal, clock=clock
    ).publisher


def _editing(engine: Engine) -> Editing:
    clock = SystemClock()
    return Editing(engine, now=clock.now, journal=AuditLog(engine, clock=clock))


def _chosen(engine: Engine, ids: Sequence[str] | None) -> tuple[list[Draft], list[StateChange]]:
    """The approved drafts of these rows; a row without one that is no answer yet is published as it is."""
    editing = _editing(engine)
    approved = editing.drafts(state="approved")
    if ids is None or not ids:
        if not approved:
            raise CommandError("No draft is approved. `lvxiaoyu knowledge diff` lists the open ones.")
        return approved, []
    by_row = {draft.row_id: draft for draft in approved}
    waiting = {draft.row_id: draft for draft in editing.drafts()}
    states = []
    for row_id in (name for name in ids if name not in by_row):
        if row_id in waiting:
            state = waiting[row_id].state
            raise CommandError(f"The draft of '{row_id}' is {state}, not approved. Have it reviewed first.")
        states.append(StateChange(_kind_of(engine, row_id), row_id, "published"))
    return [by_row[name] for name in ids if name in by_row], states


def _kind_of(engine: Engine, row_id: str) -> RowKind:
    with Session(engine) as session:
        for kind in KINDS:
            try:
                item = show(session, kind=kind, row_id=row_id)
            except UnknownRow:
                continue
            if item.state == "published":
                raise CommandError(f"'{row_id}' is published already and has no approved draft.")
            return kind
    raise CommandError(f"Nothing has the id '{row_id}'. `lvxiaoyu knowledge list` shows the ids there are.")


def _print_draft(editing: Editing, draft: Draft) -> None:
    out.print(f"[bold]{escape(draft.row_id)}[/bold]  {escape(draft.title)}  ({draft.state}, {draft.author})")
    for change in editing.changes(draft):
        out.print(f"  [cyan]{escape(change.label)}[/cyan]")
        for sign, value in (("-", change.before), ("+", change.after)):
            if value not in (None, "", [], ()):
                out.print(f"  {sign} {escape(str(value))}")


def _print_preview(release: Release) -> None:
    compared = release.comparison
    if compared is None:
        return
    share = f"{compared.right_before} -> {compared.right_after} of {compared.asked} golden questions right"
    out.print(f"{share}; {len(compared.changed)} answers change")
    for change in compared.changed[:SHOWN]:
        mark = "[red]worse[/red]" if change.broken else "[green]better[/green]" if change.mended else "other"
        out.print(f"  {mark}  {escape(change.question)}")
        out.print(
            f"    - {escape(change.before.kind)} {escape(change.before.clause)} {escape(change.before.plain)}"
        )
        out.print(
            f"    + {escape(change.after.kind)} {escape(change.after.clause)} {escape(change.after.plain)}"
        )
    if more := len(compared.changed) - SHOWN:
        out.print(f"  … and {more} more" if more > 0 else "", end="\n" if more > 0 else "")


def _print_history(history: Sequence[Release]) -> None:
    table = Table("release", "kind", "snapshot", "by", "when", "reason", box=None)
    for number, release in enumerate(history):
        when = f"{release.committed_at:%Y-%m-%d %H:%M}" if release.committed_at else ""
        live = "  live" if number == 0 else ""
        by = escape(release.published_by or release.by)
        table.add_row(release.id, release.kind, f"{release.snapshot}{live}", by, when, escape(release.reason))
    out.print(table)
