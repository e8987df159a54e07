"""Puts NiceGUI and the console's pages into the app: the one place that imports them.

NiceGUI keeps one application a process, so that this may be called for one app only. It gets no storage
secret: it sets no cookie of its own and stores nothing in the browser but the number of a tab.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import warnings
from pathlib import Path

from fastapi import FastAPI, Request, Response

from api.console.entry import missing_page
from api.console.guard import PREFIX
from api.settings import Settings

RECONNECT_S = 10.0
"""How long a page waits for a phone that was in a tunnel before it is given up."""


def mount_console(app: FastAPI, settings: Settings) -> None:
    """Serve the console's pages below `/console`. Call it after every route of the app is in its place."""
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(settings.data_dir / "console"))
    # NiceGUI looks at every object of the process for its server; one of torch's warns when looked at.
    warnings.filterwarnings("ignore", r".*torch\.distributed\.reduce_op", FutureWarning)
    from nicegui import core, ui

    for module in pkgutil.iter_modules([str(Path(__file__).parent / "pages")]):
        importlib.import_module(f"api.console.pages.{module.name}")
    core.app.add_exception_handler(404, _missing)
    ui.add_head_html(
        f'<link rel="stylesheet" href="{PREFIX}/static/console.css">'
        f'<script defer src="{PREFIX}/static/console.js"></script>',
        shared=True,
    )
    core.app.config.socket_io_js_transports = ["websocket"]
    core.app.config.quasar_config["loadingBar"]["skipHijack"] = True
    ui.run_with(
        app,
        mount_path=PREFIX,
        title="绿小渝控制台",
        favicon=Path(__file__).parents[1] / "web" / "static" / "leaf.svg",
        language="zh-CN",
        dark=False,
        reconnect_timeout=RECONNECT_S,
        storage_secret=None,
        show_welcome_message=False,
    )


async def _missing(request: Request, error: Exception) -> Response:
    """In place of NiceGUI's own page, which speaks English."""
    return missing_page()
