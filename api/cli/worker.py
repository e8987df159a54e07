"""`lvxiaoyu worker`: sends campaigns' messages beside the app, on this machine or another one.

Needs neither the encoder nor the dialogue; the database and the queue are those of the app.
"""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from api.cli.console import CommandError, Progress, failures_in_words, settings_or_exit
from api.logs import configure_logs
from api.settings import Settings
from campaigns.errors import CampaignError


def worker(
    threads: Annotated[int | None, typer.Option(help="Threads that send, 1 to 32.")] = None,
    scheduler: Annotated[bool, typer.Option(help="Also look what is due; two that look do no harm.")] = True,
) -> None:
    """Send what is due until Ctrl-C. As many of these as wanted share one PostgreSQL and one Redis."""
    settings = settings_or_exit(sending_threads=threads, scheduler=None if scheduler else False)
    with failures_in_words():
        if not settings.sending_threads:
            raise CommandError(
                "A worker without threads sends nothing: set LVXIAOYU_SENDING_THREADS to 1 or more."
            )
        configure_logs(settings.log_level, None)
        try:
            _work(settings, Progress())
        except CampaignError as error:
            raise CommandError(str(error)) from error


def _work(settings: Settings, progress: Progress) -> None:
    from api.campaigning.delivering import build_delivery, published_in  # with all that it needs: seconds
    from api.campaigning.grounds import PublishedGrounds
    from api.channels.assembling import build_channels
    from api.clock import SystemClock
    from api.keys import load_keys
    from api.migrations import upgrade
    from api.web_channel.assembling import build_web_channel
    from campaigns.delivery.runs import Runs
    from campaigns.delivery.senders import Sender
    from campaigns.journal import NoJournal
    from campaigns.offer import load_offer
    from knowledge.store import create_engine_for

    upgrade(settings.database)
    engine, clock = create_engine_for(settings.database), SystemClock()
    knowledge = published_in(engine)
    grounds = PublishedGrounds(knowledge)
    web = build_web_channel(engine, clock=clock, knowledge=knowledge)
    channels = build_channels(
        settings,
        load_keys(settings.data_dir / "secrets"),
        engine,
        clock=clock,
        journal=NoJournal(),
        notices=web.notices,
    )
    senders: dict[str, Sender] = {web.sender.channel: web.sender, **channels.senders}
    runs = Runs(
        engine, now=clock.now, journal=NoJournal(), grounds=grounds, offer=load_offer(), senders=senders
    )
    delivery = build_delivery(settings, engine, clock=clock, senders=senders, grounds=grounds, runs=runs)
    if why := delivery.queue.problem():
        raise CommandError(f"The queue cannot be reached ({why}). Check LVXIAOYU_QUEUE_URL and Redis.")
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    delivery.start()
    progress(f"sending on {', '.join(sorted(senders))}, {settings.sending_threads} threads; Ctrl-C stops it")
    over.wait()
    progress("stopping: what is being sent is finished and written down")
    delivery.stop()
    channels.close()
    engine.dispose()
