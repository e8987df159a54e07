"""`lvxiaoyu backup` and `lvxiaoyu restore`: one file with all that could not be made again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from api.backup.errors import BackupError
from api.cli.console import CommandError, Progress, failures_in_words, out, settings_or_exit


def backup(
    file: Annotated[Path, typer.Argument(help="Where to; a file that is there is replaced.")],
) -> None:
    """Write database, conversations and keys to one file, while everything goes on."""
    from api.backup import service  # with all that it needs

    settings = settings_or_exit()
    with failures_in_words(), _in_words(file):
        manifest = service.back_up(settings.data_dir, settings.database, file, Progress())
        size = file.stat().st_size / 1e6
        out.print(f"{file}: {len(manifest.members)} files, {size:,.1f} MB. It holds the keys: keep it safe.")


def restore(file: Annotated[Path, typer.Argument(help="What `lvxiaoyu backup` wrote.")]) -> None:
    """Put back what a backup holds, into a data folder and a database that are empty."""
    from api.backup import service

    settings = settings_or_exit()
    with failures_in_words(), _in_words(file):
        manifest = service.restore(file, settings.data_dir, settings.database, Progress())
        out.print(f"Restored what was there on {manifest.made_at}. Now start `lvxiaoyu serve`.")


@contextmanager
def _in_words(file: Path) -> Iterator[None]:
    try:
        yield
    except BackupError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{error.filename or file}: {error.strerror}. Nothing was changed.") from error
