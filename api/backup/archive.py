"""The file of a backup: a tar with a manifest first, which names every other member with its SHA-256.

Written under another name and put in its place when it is whole; opened member by member and checked before
anything is put anywhere. Holds the keys, hence readable by its owner alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from api.backup.databases import Kind
from api.backup.errors import BackupError

FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made_at`: ISO 8601 with offset. `members`: path in the archive -> SHA-256, hexadecimal."""

    made_at: str
    database: Kind
    revision: str | None
    members: Mapping[str, str]
    format: int = FORMAT


def write(target: Path, folder: Path, *, made_at: str, database: Kind, revision: str | None) -> Manifest:
    """An archive of every file under `folder`. Raises OSError, and then leaves nothing behind."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    members = {path.relative_to(folder).as_posix(): _sha256(path) for path in files}
    manifest = Manifest(made_at, database, revision, members)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")  # mode 0600
    try:
        (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
                for member in (MANIFEST, *members):
                    archive.add(folder / member, arcname=member, filter=_plain)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return manifest


def unpack(source: Path, folder: Path) -> Manifest:
    """Every member under `folder`, as it was written. Raises BackupError for a file that is none of ours, of
    another format, cut off or changed."""
    try:
        with tarfile.open(source, mode="r:gz") as archive:
            manifest = _manifest(archive, source)
            while member := archive.next():
                if member.name not in manifest.members:
                    raise BackupError(f"{source} holds {member.name!r}, which its manifest does not name.")
                archive.extract(member, folder, filter="data")
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise BackupError(
            f"{source} cannot be read to its end ({error}). Take another backup file."
        ) from error
    for name, expected in manifest.members.items():
        path = folder / name
        if not path.is_file() or _sha256(path) != expected:
            raise BackupError(f"{name} in {source} is missing or was changed. Take another backup file.")
    return manifest


def _manifest(archive: tarfile.TarFile, source: Path) -> Manifest:
    first = archive.next()
    opened = archive.extractfile(first) if first and first.name == MANIFEST else None
    if opened is None:
        raise BackupError(f"{source} is no backup of this assistant: it has no manifest.")
    fields = json.load(opened)
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise BackupError(f"{source} was written by another version. Restore it with that version.")
    try:
        return Manifest(**fields)
    except TypeError as error:
        raise BackupError(f"The manifest of {source} is damaged. Take another backup file.") from error


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without who owns it on this machine."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o600
    return info


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
