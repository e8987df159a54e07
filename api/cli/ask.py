"""`lvxiaoyu ask`: one question, answered without server or dialogue."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

import typer

from api.cli.console import CommandError, Progress, failures_in_words, out, settings_or_exit
from api.cli.printing import print_reply
from api.logs import configure_logs
from api.rendering import on_wire


def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotation marks.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the reply as JSON.")] = False,
    day: Annotated[
        str | None, typer.Option("--date", help="The day asked about, YYYY-MM-DD; today by default.")
    ] = None,
) -> None:
    """Answer one question from the published texts."""
    settings = settings_or_exit()
    configure_logs("error")
    with failures_in_words():
        as_of = parse_day(day)
        if not question.strip():
            raise CommandError('The question is empty. Try: lvxiaoyu ask "旧家电怎么回收"')
        from api.wiring import open_answerer  # loads the encoder: seconds

        _, answerer = open_answerer(settings, (lambda line: None) if as_json else Progress())
        reply = on_wire(answerer.reply(question, request_id="cli", as_of=as_of))
    if as_json:
        out.print_json(json.dumps(reply, ensure_ascii=False), ensure_ascii=False)
    else:
        print_reply(reply)


def parse_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CommandError(f"'{text}' is no date. Write it as YYYY-MM-DD, for example 2026-11-20.") from None
