"""`lvxiaoyu serve`: every part in one go, until somebody presses Ctrl-C.

Owns the order of starting and stopping, and what a person sees of it. The parts come from `api.wiring`.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
import uvicorn
from rich.markup import escape

from api.cli.console import CommandError, Progress, err, failures_in_words, out, settings_or_exit
from api.dialogue.errors import StartFailed
from api.logs import configure_logs
from api.settings import Settings

if TYPE_CHECKING:
    from api.services import Services

GRACE_S = 5
"""Seconds that requests under way get when the app is asked to stop."""


def serve(
    port: Annotated[int | None, typer.Option(help="The app's port; PORT does the same.")] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    rasa: Annotated[bool, typer.Option(help="Start and keep the dialogue process.")] = True,
) -> None:
    """Start dialogue and app, and print the address of the chat page. Ctrl-C stops both."""
    settings = settings_or_exit(port=port, host=host, manage_rasa=None if rasa else False)
    progress = Progress()
    with failures_in_words():
        listener = claim_port(settings.host, settings.port)
        configure_logs(settings.log_level, settings.log_path)
        with listener, contextlib.suppress(asyncio.CancelledError):
            asyncio.run(_serve(settings, listener, progress))
        progress("stopped")


def claim_port(host: str, port: int) -> socket.socket:
    """Take the port now, before anything slow; uvicorn listens on it later. Raises `CommandError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without the protocol's number asyncio leaves Nagle's algorithm on: 40 ms a reply.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        if _somebody_listens(host, port):
            raise OSError(errno.EADDRINUSE, "in use")
    except OSError as error:
        listener.close()
        other = port + 1 if port < 65535 else 8000
        if error.errno == errno.EADDRINUSE:
            remedy = f"is in use. Stop what holds it, or choose another: PORT={other}."
        elif error.errno == errno.EACCES:
            remedy = f"needs an administrator's rights. Choose one above 1023: PORT={max(other, 8000)}."
        else:
            remedy = f"cannot be opened: {error.strerror}. Check LVXIAOYU_HOST."
        raise CommandError(f"Port {port} on {host} {remedy}") from None
    return listener


def _somebody_listens(host: str, port: int) -> bool:
    """With SO_REUSEADDR another address's listener (0.0.0.0 beside 127.0.0.1) does not stop a bind."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=0.2):
        return True
    return False


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: starting and stopping the dialogue needs them as well."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(settings: Settings, listener: socket.socket, progress: Progress) -> None:
    loop = asyncio.get_running_loop()
    this = asyncio.current_task()
    server: Server | None = None

    def stop() -> None:
        if server is not None and server.started:
            server.force_exit, server.should_exit = server.should_exit, True
            app.state.streams.close()  # else their pages would hold the stop up
        elif this is not None:
            this.cancel()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop)

    progress("starting; the first time takes minutes, later times seconds")
    from api import wiring  # loads the encoder: seconds
    from api.app import create_app

    services = await wiring.start(settings, progress)
    try:
        app = create_app(services)
        if settings.console:
            from api.console.mounting import mount_console

            mount_console(app, settings)
        server = Server(server_config(app, settings))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        listening = asyncio.create_task(server.listening.wait())
        await asyncio.wait({listening, serving}, return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            await asyncio.to_thread(services.answerer.reply, "绿色消费", request_id="warm-up")
            await _wait_for_dialogue(services.rasa, serving, progress)
        if not server.should_exit:
            out.print(f"\n  Chat page  [bold]{settings.site_url}chat[/bold]")
            out.print(
                f"  Front page [bold]{settings.site_url}[/bold]  a demonstration: a site that embeds it"
            )
            if settings.console:
                await _print_console(services, settings)
            out.print(f"  API        {settings.site_url}docs\n")
            err.print("[dim]Ctrl-C stops it.[/dim]")
        await serving
    finally:
        progress("stopping")
        await asyncio.shield(wiring.stop(services))


async def _print_console(services: Services, settings: Settings) -> None:
    out.print(f"  Console    {settings.console_address}")
    if not await asyncio.to_thread(services.staff.accounts.has_administrator):
        out.print("             [yellow]nobody can sign in yet[/yellow]; make the first account with")
        out.print("             .venv/bin/lvxiaoyu user add NAME --role administrator")


async def _wait_for_dialogue(rasa: object, serving: asyncio.Task[None], progress: Progress) -> None:
    """Until the dialogue is ready, fails to become so, or the app is asked to stop."""
    from api.dialogue.process import RasaProcess

    if not isinstance(rasa, RasaProcess):
        progress("no dialogue process: the index answers")
        return
    progress("waiting for the dialogue")
    ready = asyncio.create_task(rasa.wait_ready())
    await asyncio.wait({ready, serving}, return_when=asyncio.FIRST_COMPLETED)
    if not ready.done():
        ready.cancel()
        return
    try:
        ready.result()
    except StartFailed as failure:
        err.print(f"[yellow]warning[/yellow]  {escape(str(failure))} Meanwhile the index answers.")
    else:
        progress("the dialogue is ready")


def server_config(app: object, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=GRACE_S,
    )
