"""Channels, for administrators: what is on, what waits to be confirmed, when each last worked or failed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.parts import confirm, done, failures_said, heading, in_thread, when
from api.console.visit import Visit
from api.desk.channels import ChannelsDesk, ChannelState

Changed = Callable[[], Awaitable[None]]
_COLOURS = {"off": "grey-8", "waits": "warning", "on": "primary", "fails": "negative"}


@cache
def _words() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("channels.yml").read_text("utf-8"))
    return found


@console_page("/channels", title="渠道", group="管理", icon="hub", right=Right.administer, order=905)
async def channels_page(visit: Visit) -> None:
    said, desk = _words(), ChannelsDesk(visit.services, visit.actor)
    heading(said["title"], said["lead"])
    listing = ui.column().classes("w-full gap-3")

    async def refresh() -> None:
        channels = await in_thread(desk.listed)
        listing.clear()
        with listing:
            for channel in channels:
                _card(desk, channel, refresh)

    await refresh()


def _card(desk: ChannelsDesk, channel: ChannelState, changed: Changed) -> None:
    said = _words()
    shown = "fails" if channel.state == "on" and channel.health.fails else channel.state
    card = ui.card().classes("console-card").props(f'data-channel="{channel.name}"')
    with card, ui.row().classes("w-full items-start justify-between gap-3"):
        with ui.column().classes("gap-1"):
            with ui.row().classes("items-center gap-2"):
                ui.label(said["names"][channel.name]).classes("text-base text-weight-medium")
                ui.badge(said["states"][shown], color=_COLOURS[shown]).classes("console-badge")
            for line in _lines(channel):
                ui.label(line).classes("dim")
        if channel.state == "waits":
            ui.button(said["confirm"], icon="task_alt", on_click=_confirming(desk, channel, changed))
        elif channel.confirmed is not None:
            ui.button(said["switch_off"], icon="power_settings_new").props("outline color=negative").on_click(
                _switching_off(desk, channel, changed)
            )


def _lines(channel: ChannelState) -> list[str]:
    said = _words()
    if channel.state == "off":
        return [said["set_up_with"][channel.name]]
    lines = [said["receives"][channel.receives]]
    if channel.confirmed is not None:
        at = when(channel.confirmed.at, year=True)
        lines.append(said["confirmed"].format(by=channel.confirmed.by, at=at))
    elif channel.abroad:
        lines.append(said["abroad"])
    if channel.updates is not None:
        worked, failed = channel.health.worked_at, channel.health.failed_at
        lines.append(said["worked"].format(at=when(worked, year=True)) if worked else said["never_worked"])
        if failed is not None:
            reason = said["reasons"].get(channel.health.reason, said["reason_unnamed"])
            lines.append(
                said["failed"].format(at=when(failed, year=True), why=reason, code=channel.health.reason)
            )
        open_ = sum(count for state, count in channel.updates.items() if state != "settled")
        lines.append(said["updates"].format(count=sum(channel.updates.values()), open=open_))
    return lines


def _confirming(desk: ChannelsDesk, channel: ChannelState, changed: Changed) -> Changed:
    async def assess() -> None:
        if await _assessed(channel):
            with failures_said():
                await in_thread(desk.confirm, channel.name)
                done(_words()["confirm_done"])
            await changed()

    return assess


async def _assessed(channel: ChannelState) -> bool:
    """Whether the administrator ticks having done each part of the assessment."""
    said = _words()
    with ui.dialog() as dialog, ui.card().classes("console-dialog"):
        ui.label(said["assess"].format(name=said["names"][channel.name])).classes("console-dialog-title")
        ui.label(said["assess_lead"]).classes("dim")
        boxes = [ui.checkbox(each) for each in said["assessments"]]
        with ui.row().classes("console-actions"):
            ui.button(said["cancel"], on_click=lambda: dialog.submit(False)).props("flat")
            sure = ui.button(said["confirm"], on_click=lambda: dialog.submit(True))
        sure.disable()
        for box in boxes:
            box.on_value_change(lambda: sure.set_enabled(all(box.value for box in boxes)))
    try:
        return bool(await dialog)
    finally:
        dialog.delete()


def _switching_off(desk: ChannelsDesk, channel: ChannelState, changed: Changed) -> Changed:
    async def switch_off() -> None:
        said = _words()
        name = said["names"][channel.name]
        if await confirm(
            said["off"].format(name=name), detail=said["off_detail"], action=said["switch_off"], danger=True
        ):
            with failures_said():
                await in_thread(desk.switch_off, channel.name)
                done(said["off_done"])
            await changed()

    return switch_off
