"""What the pages of documents share: their words and styles."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from nicegui import ui

from api.console.guard import PREFIX


@cache
def _words() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text("utf-8"))
    return loaded


def table(name: str) -> dict[str, str]:
    """A table of words, by key."""
    return dict(_words()[name])


def word(name: str, key: str) -> str:
    """The word for `key`, or the key."""
    return str(_words()[name].get(key, key))


def load_styles() -> None:
    ui.add_head_html(f'<link rel="stylesheet" href="{PREFIX}/static/documents.css">')


async def answer_of(dialog: ui.dialog) -> Any:
    """What a dialogue was submitted with, None where it was closed; the dialogue is gone afterwards."""
    try:
        return await dialog
    finally:
        if not dialog.is_deleted:
            dialog.delete()


def chip(text: str, colour: str = "") -> ui.label:
    return ui.label(text).classes(f"doc-chip {colour}")
