"""Puts the parts together and starts them; stops them in the opposite order.

The one module that knows every part. What takes long (the encoder's import, the dialogue's training and
start) runs side by side. Nothing here decides anything about answers or turns.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from actions.activities import Activities
from actions.answer import Answerer
from actions.tasks.assembling import TaskServices
from actions.webhook import ActionWebhook, build_webhook
from api.campaigning.delivering import build_delivery
from api.clock import SystemClock
from api.dialogue.client import DialogueClient
from api.dialogue.environment import check_python
from api.dialogue.process import RasaProcess, RasaSettings, check_port
from api.dialogue.training import ensure_model
from api.insights.findings import Findings
from api.keys import Keys, load_keys
from api.migrations import upgrade
from api.publishing.assembling import build_publishing
from api.publishing.loop import PublishingLoop
from api.services import Services
from api.settings import Settings
from api.small_talk import SmallTalk
from api.store.conversations import ConversationStore
from api.task_ports import KeptOpinions, TicketInbox
from index.ingredients import gather_ingredients
from index.live import LiveIndex
from index.snapshot import SnapshotStore
from knowledge.model import Knowledge
from knowledge.publishing.planning import publishable
from knowledge.store import create_engine_for, seed

log = logging.getLogger(__name__)
Progress = Callable[[str], None]
KEPT_MODELS = "models"
SNAPSHOTS = "snapshots"


@dataclass(frozen=True, slots=True)
class Store:
    """The database, migrated and seeded, with what is published in it."""

    engine: Engine
    knowledge: Knowledge


def open_store(settings: Settings, progress: Progress) -> Store:
    """Migrate, bring in the shipped content, load what is published."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database)
    engine = create_engine_for(settings.database)
    with Session(engine) as session:
        report = seed(session)
        if report.added or report.upgraded:
            progress(f"knowledge: {len(report.added)} added, {len(report.upgraded)} brought up to date")
        return Store(engine, publishable(session))


def open_index(settings: Settings, knowledge: Knowledge, progress: Progress) -> tuple[LiveIndex, bool]:
    """The live index, serving; and whether it serves an earlier snapshot that should be replaced."""
    ingredients, notes = gather_ingredients(
        settings.encoder,
        trust_remote_code=settings.trust_remote_code,
        knowledge=knowledge,
        data_dir=settings.data_dir,
        today=SystemClock().today(),
        progress=progress,
    )
    points = ingredients.ranking.deciding_at(settings.answer_at, settings.clarify_at)
    ingredients = replace(ingredients, ranking=points)
    for note in notes:
        log.warning(note)
        progress(f"warning: {note}")
    live = LiveIndex(SnapshotStore(settings.data_dir / SNAPSHOTS), ingredients, notes)
    fell_back = live.start(knowledge)
    if fell_back:
        progress(f"warning: {'; '.join(live.warnings)}")
    progress(f"index: snapshot {live.snapshot} with {len(live.knowledge.entries)} entries")
    return live, fell_back


def open_answerer(settings: Settings, progress: Progress) -> tuple[LiveIndex, Answerer]:
    """Answers without dialogue or server: for the command line."""
    store = open_store(settings, progress)
    live, _ = open_index(settings, store.knowledge, progress)
    store.engine.dispose()
    return live, Answerer(live.searcher, SystemClock().today)


async def start(settings: Settings, progress: Progress) -> Services:
    """Every part, started and ready; the dialogue may still be coming up. Raises what a part raises."""
    keys = load_keys(settings.data_dir / "secrets")
    if settings.manage_rasa:
        check_python(settings.rasa_python)
        check_port("127.0.0.1", settings.rasa_port)
    rasa = asyncio.create_task(_start_rasa(settings, keys, progress)) if settings.manage_rasa else None
    try:
        store = await asyncio.to_thread(open_store, settings, progress)
        live, fell_back = await asyncio.to_thread(open_index, settings, store.knowledge, progress)
        process = await rasa if rasa else None
    except BaseException:
        if rasa is not None:
            rasa.cancel()
            for started in await asyncio.gather(rasa, return_exceptions=True):
                if isinstance(started, RasaProcess):
                    await started.stop()
        raise
    findings = Findings()
    answerer = Answerer(live.searcher, SystemClock().today, findings.note)
    services = Services(
        settings=settings,
        keys=keys,
        engine=store.engine,
        library=live,
        answerer=answerer,
        findings=findings,
        dialogue=DialogueClient(
            settings.dialogue_url, keys.dialogue_token, timeout_s=settings.rasa_timeout_s
        ),
        rasa=process,
        small_talk=SmallTalk.load(settings.project_dir),
    )
    answerer.tell_of(Activities(services.campaigning.activities, now=services.clock.now))
    services.actions = build_webhook(
        answerer, timeout_s=settings.index_timeout_s, tasks=_task_services(services, answerer)
    )
    services.publishing = await asyncio.to_thread(
        build_publishing,
        settings,
        store.engine,
        live=live,
        drafts=services.editing,
        journal=services.audit,
        clock=services.clock,
        begin=not fell_back,
    )
    services.background.append(asyncio.create_task(services.retention.run(), name="retention"))
    publishing = PublishingLoop(live, services.publishing.publisher, today=services.clock.today)
    services.background.append(asyncio.create_task(publishing.run(), name="publishing"))
    services.delivery = build_delivery(
        settings,
        store.engine,
        clock=services.clock,
        senders=services.campaigning.senders,
        grounds=services.campaigning.grounds,
        runs=services.campaigning.runs,
    )
    await asyncio.to_thread(services.delivery.start)
    if left := await asyncio.to_thread(services.importing.resume):
        progress(f"imports: {left} taken up again")
    return services


def _task_services(services: Services, answerer: Answerer) -> TaskServices:
    clock, conversation_of = services.clock, ConversationStore(services.engine).conversation_of
    return TaskServices(
        answerer=answerer,
        small_talk=services.small_talk,
        subscriptions=services.subscriptions,
        terms=services.terms,
        inbox=TicketInbox(services.tickets, services.contact_stash, conversation_of),
        opinions=KeptOpinions(services.feedback, conversation_of),
        clock=lambda: (clock.now(), clock.today()),
    )


async def stop(services: Services) -> None:
    """Stop what `start` started; safe to call once each part is there."""
    if services.delivery is not None:
        await asyncio.to_thread(services.delivery.stop)
    for task in services.background:
        task.cancel()
    await asyncio.gather(*services.background, return_exceptions=True)
    if isinstance(services.rasa, RasaProcess):
        await services.rasa.stop()
    if isinstance(services.dialogue, DialogueClient):
        await services.dialogue.aclose()
    if isinstance(services.actions, ActionWebhook):
        services.actions.close()
    services.engine.dispose()


async def _start_rasa(settings: Settings, keys: Keys, progress: Progress) -> RasaProcess:
    """Train the dialogue if its sources changed, and start Rasa; it becomes ready by itself."""
    model = await asyncio.to_thread(_dialogue_model, settings, progress)
    process = RasaProcess(
        RasaSettings(
            root=settings.project_dir,
            python=settings.rasa_python,
            model=model,
            state_dir=settings.data_dir,
            port=settings.rasa_port,
            channel_token=keys.dialogue_token,
            actions_url=f"http://127.0.0.1:{settings.port}/internal/actions",
            actions_token=keys.action_token,
            action_timeout_s=settings.action_timeout_s,
            ready_timeout_s=settings.rasa_start_timeout_s,
        ),
        on_change=lambda state: log.info("dialogue process", extra={"state": state}),
    )
    await process.start()
    return process


def _dialogue_model(settings: Settings, progress: Progress) -> Path:
    return ensure_model(
        settings.project_dir,
        settings.data_dir / KEPT_MODELS,
        python=settings.rasa_python,
        log_file=settings.data_dir / "log" / "rasa-train.log",
        progress=progress,
    )
