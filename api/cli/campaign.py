"""`lvxiaoyu campaign …`: plan, preview, test, approve, start, pause, cancel, and how campaigns stand.

The same desks as in the console: `--by` names an account, and what its roles don't allow is refused. Whoever
can run this on the server is trusted to name their own account, but for an approval, which asks its password:
nobody approves in somebody else's name.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
import yaml
from rich.markup import escape
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.accounts.assembling import build_staff
from api.accounts.roles import Actor
from api.accounts.service import Accounts
from api.campaigning.assembling import Campaigning, build_campaigning
from api.cli.campaign_printing import (
    fields_of,
    local,
    plain,
    print_findings,
    print_rendered,
    print_table,
)
from api.cli.console import CommandError, failures_in_words, out, password_from, settings_or_exit
from api.clock import LOCAL, Clock, SystemClock
from api.desk.campaigns import CampaignDesk, WeekDesk
from api.keys import load_keys
from api.logs import configure_logs
from api.migrations import upgrade
from api.web_channel.assembling import build_web_channel
from campaigns.planning.model import Campaign, InTheWay
from knowledge.publishing.planning import publishable
from knowledge.store import create_engine_for

app = typer.Typer(help="Plan campaigns, have them approved, and see what came of them.", no_args_is_help=True)

CampaignId = Annotated[
    str, typer.Argument(help="The campaign's id, or as much of its beginning as is unique.")
]
By = Annotated[
    str | None, typer.Option("--by", help="The account that does it; by default the user of this terminal.")
]
Confirm = Annotated[
    list[str] | None, typer.Option("--confirm", help="The code of a question to answer with yes.")
]
Key = Annotated[str | None, typer.Option("--key", help="The same key does the step once, however often.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept in the history.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@dataclass(frozen=True, slots=True)
class Office:
    """What the desks need of the app, without index and dialogue: commands answer at once."""

    engine: Engine
    clock: Clock
    campaigning: Campaigning
    actor: Actor
    accounts: Accounts

    @property
    def desk(self) -> CampaignDesk:
        return CampaignDesk(self, self.actor)

    def find(self, campaign_id: str) -> Campaign:
        """By its id or the beginning of it. Raises UnknownCampaign, CommandError for a beginning of two."""
        begin = [each for each in self.desk.list() if campaign_id and each.id.startswith(campaign_id)]
        if len(begin) > 1:
            raise CommandError(f"{len(begin)} campaigns begin with '{campaign_id}'. Give more of the id.")
        return self.desk.read(begin[0].id if begin else campaign_id)


@app.command("plan")
def plan(
    file: Annotated[
        Path | None, typer.Argument(help="YAML or JSON with title, content, audience and schedule.")
    ] = None,
    week: Annotated[
        str | None, typer.Option(help="Lay out 绿色消费活动周 from this day: YYYY-MM-DD.")
    ] = None,
    source: Annotated[str, typer.Option(help="Where the week's date is from: a notice's name.")] = "",
    title: Annotated[str | None, typer.Option(help="What to call the week.")] = None,
    short: Annotated[bool, typer.Option("--short", help="Three messages instead of seven.")] = False,
    by: By = None,
    key: Key = None,
) -> None:
    """Write a campaign from a file as a draft, or lay out a whole week."""
    with failures_in_words():
        if (file is None) == (week is None):
            raise CommandError("Name a file to plan one campaign, or --week YYYY-MM-DD for a whole week.")
        office, pressed = _office(by), _key(key)
        if file is not None:
            given = _read(file)
            made = [office.desk.create(**given, key=pressed)]
        else:
            weeks = WeekDesk(office, office.actor)
            laid = weeks.create(starts_on=week, source=source, key=pressed, title=title, short_only=short)
            made = list(weeks.messages(laid.id))
    print_table(made)


@app.command("preview")
def preview(
    id: CampaignId,
    channel: Annotated[str | None, typer.Option(help="One channel; else each.")] = None,
    district: Annotated[str | None, typer.Option(help="As somebody of this district sees it.")] = None,
    by: By = None,
) -> None:
    """A campaign as each channel shows it, whom it reaches, and what stands in its way."""
    with failures_in_words():
        office = _office(by)
        campaign = office.find(id)
        channels = office.desk.capabilities()
        if channel is not None and channel not in channels:
            raise CommandError(f"There is no channel '{channel}'. There are: {', '.join(sorted(channels))}.")
        shown = {
            name: office.desk.preview(campaign.id, name, district)
            for name in ([channel] if channel else sorted(channels))
        }
        reach = office.desk.reach(campaign.audience.as_json(), sampled=0)
        found, ways = office.desk.problems(campaign.id), office.desk.ways(campaign.id)
    for name, rendered in shown.items():
        print_rendered(name, rendered)
    numbers = ", ".join(f"{name} {number}" for name, number in reach.counted.by_channel.items())
    out.print(
        f"[bold]{reach.counted.total}[/bold] recipients now {escape(f'({numbers})' if numbers else '')}"
    )
    for name, some in ways.items():
        for way in some:
            out.print(escape(f"  {name}: {way.people} {'' if way.reached else '✗ '}{way.name}"))
    print_findings(found)


@app.command("test")
def try_out(
    id: CampaignId,
    conversation: Annotated[str, typer.Option(help="The id of a conversation of your own.")],
    channel: Annotated[str, typer.Option(help="Through which channel.")] = "web",
    district: Annotated[str | None, typer.Option(help="As for this district.")] = None,
    by: By = None,
    key: Key = None,
) -> None:
    """Send what stands now to yourself; without it nobody can approve."""
    with failures_in_words():
        office = _office(by)
        done = office.desk.test(
            office.find(id).id, channel=channel, conversation=conversation, district=district, key=_key(key)
        )
    out.print(f"{escape(done.title)} was sent to your conversation. Look at it there.")


@app.command("submit")
def submit(id: CampaignId, confirm: Confirm = None, by: By = None, key: Key = None) -> None:
    """Hand a draft to an approver."""
    with failures_in_words(), _questions():
        office = _office(by)
        campaign = office.find(id)
        done = office.desk.submit(
            campaign.id, revision=campaign.revision, key=_key(key), confirm=confirm or ()
        )
    _say(done)


@app.command("approve")
def approve(
    id: CampaignId,
    revision: Annotated[
        int | None, typer.Option(help="The revision you have seen; another one is refused.")
    ] = None,
    confirm: Confirm = None,
    by: By = None,
    key: Key = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the approver's password from standard input.")
    ] = False,
) -> None:
    """Freeze a campaign as it stands, with the approver's password. Whoever wrote any of it cannot."""
    with failures_in_words(), _questions():
        office = _office(by)
        office.accounts.prove(office.actor.name, password_from(password_stdin), address="cli")
        campaign = office.find(id)
        done = office.desk.approve(
            campaign.id, revision=revision or campaign.revision, key=_key(key), confirm=confirm or ()
        )
    _say(done)


@app.command("start")
def start(id: CampaignId, confirm: Confirm = None, by: By = None, key: Key = None) -> None:
    """Let what is approved go out: at its time, or at once where it has none."""
    with failures_in_words(), _questions():
        office = _office(by)
        done = office.desk.start(office.find(id).id, key=_key(key), confirm=confirm or ())
    _say(done)


@app.command("pause")
def pause(id: CampaignId, reason: Reason = "", by: By = None, key: Key = None) -> None:
    """Stop after the batch that is going out."""
    with failures_in_words():
        office = _office(by)
        done = office.desk.pause(office.find(id).id, key=_key(key), reason=reason)
    _say(done)


@app.command("resume")
def resume(id: CampaignId, by: By = None, key: Key = None) -> None:
    """Go on with what was paused."""
    with failures_in_words():
        office = _office(by)
        done = office.desk.resume(office.find(id).id, key=_key(key))
    _say(done)


@app.command("cancel")
def cancel(id: CampaignId, reason: Reason = "", by: By = None, key: Key = None) -> None:
    """Stop for good; what has gone out stays in the figures."""
    with failures_in_words():
        office = _office(by)
        done = office.desk.cancel(office.find(id).id, key=_key(key), reason=reason)
    _say(done)


@app.command("status")
def status(
    id: Annotated[str | None, typer.Argument(help="One campaign; else all.")] = None,
    as_json: AsJson = False,
    by: By = None,
) -> None:
    """How campaigns stand; of one its runs, its history and what is in its way."""
    with failures_in_words():
        office = _office(by)
        if id is None:
            found = office.desk.list()
            if as_json:
                out.print_json(json.dumps([plain(each) for each in found]), ensure_ascii=False)
            else:
                print_table(found)
            return
        campaign = office.find(id)
        runs, events = office.desk.progress(campaign.id), office.desk.history(campaign.id)
        findings = office.desk.problems(campaign.id)
    if as_json:
        told = plain(campaign) | {
            "runs": [fields_of(run) for run in runs],
            "history": [fields_of(event) for event in events],
            "problems": [fields_of(each) for each in findings],
        }
        out.print_json(json.dumps(told, default=str), ensure_ascii=False)
        return
    print_table([campaign])
    for run in runs:
        out.print(
            f"run {run.run_id[:8]}  {run.state}  {run.done} of {run.recipients} done"
            + (f", through at {local(run.ends_at)}" if run.ends_at else "")
            + (f"  [yellow]{escape(run.held_for)}[/yellow]" if run.held_for else "")
        )
    for event in events:
        note = f"  {escape(event.note)}" if event.note else ""
        out.print(f"[dim]{local(event.at)}[/dim]  {event.what} by {escape(event.by)}{note}")
    print_findings(findings)


@contextmanager
def _questions() -> Iterator[None]:
    """Print what stands in the way line by line, each with the code that confirms it."""
    try:
        yield
    except InTheWay as error:
        print_findings(error.findings)
        asked = " ".join(f"--confirm {each.code}" for each in error.findings if each.asks)
        faults = [each for each in error.findings if not each.asks]
        remedy = "Mend what is marked as a fault" if faults else f"If that is meant, say {asked}"
        raise CommandError(f"{len(error.findings)} things stand in the way. {remedy}.") from None


def _office(by: str | None) -> Office:
    configure_logs("error")
    settings = settings_or_exit()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database)
    engine, clock = create_engine_for(settings.database), SystemClock()
    staff = build_staff(settings, engine, clock)
    account = staff.accounts.get(by or getpass.getuser())
    if not account.active:
        raise CommandError(f"The account {account.name} is disabled. Name another one with --by.")
    with Session(engine) as session:
        knowledge = publishable(session)
    keys = load_keys(settings.data_dir / "secrets")
    web = build_web_channel(engine, clock=clock, knowledge=lambda: knowledge)
    campaigning = build_campaigning(
        engine,
        clock=clock,
        journal=staff.audit,
        knowledge=lambda: knowledge,
        senders={web.sender.channel: web.sender},
        pseudonym=keys.pseudonym,
    )
    return Office(
        engine, clock, campaigning, Actor(account.name, account.roles, account.display_name), staff.accounts
    )


def _read(file: Path) -> dict[str, Any]:
    wanted = {"title", "content", "audience", "schedule"}
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from None
    if not isinstance(found, dict) or set(found) != wanted:
        raise CommandError(f"{file} must hold {', '.join(sorted(wanted))} and nothing else.")
    form = {name: _as_json(value) for name, value in found.items()}
    schedule = form["schedule"]
    if isinstance(schedule, dict) and isinstance(schedule.get("first_at"), str):
        schedule["first_at"] = _in_chongqing(schedule["first_at"])
    return form


def _in_chongqing(moment: str) -> str:
    """A moment without a zone is meant as the clocks here show it; what is no moment stays as it is."""
    try:
        read = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return (read if read.tzinfo else read.replace(tzinfo=LOCAL)).isoformat()


def _as_json(value: Any) -> Any:
    """YAML reads days and moments; forms have them as text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _as_json(each) for name, each in value.items()}
    return [_as_json(each) for each in value] if isinstance(value, list) else value


def _key(key: str | None) -> str:
    return key or f"cli-{uuid4().hex}"


def _say(campaign: Campaign) -> None:
    due = f", next at {local(campaign.next_due_at)}" if campaign.next_due_at else ""
    out.print(f"{escape(campaign.title)} is {campaign.state} now{due} (revision {campaign.revision}).")
