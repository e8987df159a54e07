"""The field in which a file is chosen or dropped, usable by keyboard and read out by a screen reader.

Quasar's own has a nameless button around a nameless input; here a named button opens the input, which is
named itself and out of sight.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape

from nicegui import events, ui

_HEAD = """
<div class="console-upload-head">
  <q-btn flat no-caps icon="attach_file" label="选择文件" @click="props.pickFiles"
    :disable="!props.canAddFiles"></q-btn>
  <span class="console-upload-said" v-pre>%s</span>
  <span v-if="props.isUploading" role="status">{{ props.uploadProgressLabel }}</span>
  <label class="console-unseen">文件<q-uploader-add-trigger></q-uploader-add-trigger></label>
</div>
"""


def file_field(
    label: str,
    *,
    accepted: str,
    most_bytes: int,
    on_upload: Callable[[events.UploadEventArguments], Awaitable[None]],
    refused: str,
) -> ui.upload:
    """`label` stands beside the button, `accepted` are endings (`.xlsx,.csv`), `refused` is said where the
    browser itself turns a file down."""
    upload = ui.upload(
        on_upload=on_upload,
        on_rejected=lambda: ui.notify(refused, type="negative"),
        max_file_size=most_bytes,
        auto_upload=True,
    )
    upload.add_slot("header", _HEAD % escape(label))
    upload.props(f'accept="{accepted}" flat bordered').classes("full-width console-upload")
    return upload
