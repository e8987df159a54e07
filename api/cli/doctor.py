"""`lvxiaoyu doctor`: looks at each part and says what to do about what is not well. It changes nothing."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
import typer
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from rich.markup import escape
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

import api.migrations
from api.accounts.assembling import build_staff
from api.cli.console import out, settings_or_exit
from api.clock import SystemClock
from api.dialogue.training import model_path, rasa_version
from api.settings import Settings, unknown_variables
from knowledge.store import create_engine_for

RASA_VERSION = "3.6.21"
LEAST_FREE_BYTES = 2_000_000_000
BUILTIN_MODEL = "index/model"
_SIGNS = {"well": "[green]✓[/green]", "note": "[yellow]![/yellow]", "ill": "[red]✗[/red]"}


@dataclass(frozen=True, slots=True)
class Finding:
    """`note` works, but somebody should know; `ill` stops the assistant. `remedy` is a sentence."""

    state: Literal["well", "note", "ill"]
    part: str
    what: str
    remedy: str = ""


def doctor() -> None:
    """Check every part, and say what to do. Exit status 1 if something keeps the assistant from running."""
    settings = settings_or_exit()
    ill = False
    for check in CHECKS:
        for finding in check(settings):
            ill = ill or finding.state == "ill"
            out.print(f"{_SIGNS[finding.state]} {finding.part:10} {escape(finding.what)}")
            if finding.remedy:
                out.print(f"             → {escape(finding.remedy)}")
    if ill:
        raise typer.Exit(1)


def pythons(settings: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("well", "app", f"Python {version}, {sys.executable}")
    if not settings.manage_rasa:
        yield Finding("note", "dialogue", "started by somebody else: LVXIAOYU_MANAGE_RASA is false")
    elif not os.access(settings.rasa_python, os.X_OK):
        yield Finding("ill", "dialogue", f"no Python at {settings.rasa_python}", "Run `make setup`.")
    elif (found := rasa_version(settings.rasa_python)) != RASA_VERSION:
        yield Finding("ill", "dialogue", f"Rasa is {found}, not {RASA_VERSION}", "Run `make setup`.")
    else:
        yield Finding("well", "dialogue", f"Rasa {found}, {settings.rasa_python}")


def variables(settings: Settings) -> Iterator[Finding]:
    for name in unknown_variables():
        yield Finding("note", "settings", f"{name} sets nothing", "Correct its name, or unset it.")


def models(settings: Settings) -> Iterator[Finding]:
    model = model_path(settings.project_dir, settings.data_dir / "models", settings.rasa_python)
    if model.is_file():
        yield Finding("well", "dialogue", f"model {model.name}")
    elif settings.manage_rasa:
        yield Finding("note", "dialogue", "no model of the present sources", "`lvxiaoyu serve` trains it.")
    if settings.encoder == "builtin":
        folder = settings.project_dir / BUILTIN_MODEL
        if any(folder.glob("*")):
            yield Finding("well", "encoder", f"builtin, {_megabytes(folder)} MB")
        else:
            yield Finding("note", "encoder", f"{folder} is missing", "Get it back; search goes by words.")
    elif "/" in settings.encoder and not Path(settings.encoder).exists():
        yield Finding("note", "encoder", f"{settings.encoder} is no folder; it would be fetched by this name")
    else:
        yield Finding("well", "encoder", settings.encoder)


def snapshots(settings: Settings) -> Iterator[Finding]:
    from index.snapshot import SnapshotStore

    store = SnapshotStore(settings.data_dir / "snapshots")
    pointer = store.pointer()
    if pointer is None:
        yield Finding("note", "index", "no snapshot yet", "`lvxiaoyu serve` builds it.")
    elif pointer.snapshot not in store.newest_first():
        yield Finding("ill", "index", f"snapshot {pointer.snapshot} is gone", "`lvxiaoyu serve` builds it.")
    else:
        yield Finding("well", "index", f"snapshot {pointer.snapshot}, {len(store.newest_first())} kept")


def database(settings: Settings) -> Iterator[Finding]:
    newest = ScriptDirectory(str(Path(api.migrations.__file__).parent)).get_current_head()
    url = make_url(settings.database)
    shown = url.render_as_string(hide_password=True)
    file = url.database if url.get_backend_name() == "sqlite" else None
    if file is not None and not Path(file).exists():
        yield Finding("note", "database", f"{shown} is not there yet", "`lvxiaoyu serve` makes it.")
        return
    engine = create_engine_for(settings.database)
    try:
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        why = getattr(error, "orig", None) or type(error).__name__
        yield Finding("ill", "database", f"{shown} cannot be opened: {why}", "Check LVXIAOYU_DATABASE_URL.")
        return
    finally:
        engine.dispose()
    if revision == newest:
        yield Finding("well", "database", f"{shown}, revision {revision}")
    else:
        remedy = "`lvxiaoyu serve` brings it up to date."
        yield Finding("note", "database", f"{shown}, revision {revision or 'none'}, not {newest}", remedy)


def staff(settings: Settings) -> Iterator[Finding]:
    """Whether anybody can sign in to the console. Looks only into a database that is up to date."""
    if not settings.console:
        yield Finding("note", "console", "served by another process: LVXIAOYU_CONSOLE is false")
        return
    secret = settings.oidc_client_secret_file
    if settings.oidc_issuer and secret is not None and not os.access(secret, os.R_OK):
        remedy = "Correct LVXIAOYU_OIDC_CLIENT_SECRET_FILE or the file's owner."
        yield Finding("ill", "console", f"the provider's secret {secret} cannot be read", remedy)
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return
    engine = create_engine_for(settings.database)
    try:
        found = build_staff(settings, engine, SystemClock()).accounts.has_administrator()
    except SQLAlchemyError:
        return
    finally:
        engine.dispose()
    if found:
        yield Finding("well", "console", settings.console_address)
    else:
        remedy = "`lvxiaoyu user add NAME --role administrator` makes the first account."
        yield Finding("note", "console", "nobody can sign in yet", remedy)


def data_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        yield Finding(
            "ill", "data", f"{existing} cannot be written", "Change its owner or LVXIAOYU_DATA_DIR."
        )
    free = shutil.disk_usage(existing).free
    state: Literal["well", "note"] = "well" if free >= LEAST_FREE_BYTES else "note"
    remedy = "" if state == "well" else "Make room: models, snapshots and logs need some."
    yield Finding(state, "data", f"{folder}, {free / 1e9:.1f} GB free", remedy)
    for path in sorted((folder / "secrets").glob("*")):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding("ill", "secrets", f"others can read {path}", f"Run `chmod 600 {path}`.")


def ports(settings: Settings) -> Iterator[Finding]:
    for name, port in (("PORT", settings.port), ("RASA_PORT", settings.rasa_port)):
        if not _listens(port):
            yield Finding("well", "port", f"{port} is free")
        elif name == "PORT" and _is_ours(port):
            yield Finding("well", "port", f"{port} is held by a running app of ours")
        elif name == "RASA_PORT" and _is_ours(settings.port):
            yield Finding("well", "port", f"{port} is in use, most likely by our dialogue")
        else:
            yield Finding("ill", "port", f"{port} is in use", f"Stop what holds it, or set another {name}.")


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False


def _is_ours(port: int) -> bool:
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2.0, trust_env=False)
        return bool(answer.json() == {"status": "alive"})
    except (httpx.HTTPError, ValueError):
        return False


def _megabytes(folder: Path) -> float:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 1)


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    pythons,
    variables,
    data_folder,
    database,
    staff,
    models,
    snapshots,
    ports,
)
