"""Pictures of campaign messages, served from here: residents' pages load nothing from anywhere else.

A picture is named by the hash of its bytes, so it never changes and may be kept by browsers for good.
"""

from __future__ import annotations

import hashlib
import re

from sqlalchemy import Engine, select

from api.clock import Clock
from api.store.erasing import writing
from api.web_channel.tables import pictures

LARGEST_BYTES = 1_000_000
_BEGINNINGS = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}


class UnfitPicture(ValueError):
    """A file that can't be a message's picture; the message is for staff."""


class Pictures:
    def __init__(self, engine: Engine, *, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def keep(self, data: bytes, *, by: str) -> str:
        """The address of the picture for a message's `picture.url`. Raises UnfitPicture."""
        if len(data) > LARGEST_BYTES:
            raise UnfitPicture(
                f"图片有 {len(data) / 1e6:.1f} MB，最多 {LARGEST_BYTES / 1e6:.0f} MB，请压缩后再传。"
            )
        media_type = next((name for name, begin in _BEGINNINGS.items() if begin.match(data)), None)
        if media_type is None:
            raise UnfitPicture("这个文件不是 PNG、JPEG 或 WebP 图片，请另存为其中一种再传。")
        digest = hashlib.sha256(data).hexdigest()
        row = {"hash": digest, "media_type": media_type, "data": data, "kept_by": by}
        with writing(self._engine) as connection:
            if connection.scalar(select(pictures.c.hash).where(pictures.c.hash == digest)) is None:
                connection.execute(pictures.insert().values(**row, kept_at=self._clock.now()))
        return f"/media/{digest}"

    def read(self, digest: str) -> tuple[str, bytes] | None:
        """Media type and bytes; None for an unknown picture."""
        with self._engine.connect() as connection:
            asked = select(pictures.c.media_type, pictures.c.data).where(pictures.c.hash == digest)
            row = connection.execute(asked).first()
        return None if row is None else (row.media_type, bytes(row.data))
