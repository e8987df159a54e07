"""`lvxiaoyu chat`: a conversation on the terminal, with the running app or, without one, with the index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import httpx
import typer

from api.cli.console import CommandError, Progress, err, failures_in_words, settings_or_exit
from api.cli.printing import print_reply
from api.logs import configure_logs
from api.rendering import on_wire
from api.settings import Settings

Ask = Callable[[str], list[dict[str, Any]]]


def chat(
    url: Annotated[str | None, typer.Option(help="The app's address; by default the one here.")] = None,
) -> None:
    """Talk to the assistant. An empty line or Ctrl-D ends the conversation."""
    settings = settings_or_exit()
    configure_logs("error")
    with failures_in_words():
        ask = _running(url or settings.site_url, required=url is not None) or _alone(settings)
        while True:
            try:
                message = err.input("[bold]> [/bold]")
            except (EOFError, KeyboardInterrupt):
                break
            if not message.strip():
                break
            for reply in ask(message):
                print_reply(reply)


def _running(url: str, *, required: bool) -> Ask | None:
    """Asks the app at `url`; None if nobody is there and that is no mistake of the caller's."""
    client = httpx.Client(base_url=url, timeout=30.0, trust_env=False)
    try:
        client.get("/healthz").raise_for_status()
    except httpx.HTTPError:
        if required:
            raise CommandError(f"No app answers at {url}. Start it with `lvxiaoyu serve`.") from None
        return None
    conversation: dict[str, str] = {}

    def ask(message: str) -> list[dict[str, Any]]:
        try:
            response = client.post("/api/v1/chat", json={"message": message, **conversation})
        except httpx.HTTPError as error:
            raise CommandError(f"The app at {url} is gone: {type(error).__name__}.") from None
        content = response.json()
        if response.status_code != httpx.codes.OK:
            err.print(content["detail"])
            return []
        conversation["conversation_id"] = content["conversation_id"]
        messages: list[dict[str, Any]] = content["messages"]
        return messages

    err.print(f"[dim]talking to the app at {url}[/dim]")
    return ask


def _alone(settings: Settings) -> Ask:
    from api.wiring import open_answerer  # loads the encoder: seconds

    _, answerer = open_answerer(settings, Progress())
    err.print("[dim]no app is running: the index answers, each question by itself[/dim]")
    return lambda message: [on_wire(answerer.reply(message, request_id="cli"))]
