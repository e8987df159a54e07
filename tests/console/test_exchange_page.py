"""Entries as a table, out and in again, in a real browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from knowledge.editing.service import Editing
from tests.console.conftest import SignedIn

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("LVXIAOYU_TEST_SHOTS")
SLOW_MS = 60_000


def test_entries_go_out_as_a_table_and_come_back_as_drafts(
    signed_in: SignedIn, editing: Editing, tmp_path: Path
) -> None:
    page = signed_in("editor", at="/exchange")
    with page.expect_download(timeout=SLOW_MS) as fetched:
        page.get_by_role("button", name="表格（CSV）").click()
    text = Path(fetched.value.path()).read_text("utf-8-sig")
    assert "cq-2022-11-preamble-05" in text
    header = text.splitlines()[0]
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(f"{header}\nno-such\n", encoding="utf-8-sig")
    page.set_input_files("input[type=file]", str(wrong))
    expect(page.get_by_text("什么都没有导入")).to_be_visible(timeout=SLOW_MS)
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/entries-import-refused.png")

    held = editing.current("entry", "cq-2022-11-preamble-05")
    assert held is not None
    changed = tmp_path / "changed.csv"
    changed.write_text(
        text.replace(held["question"], f"{held['question']}（改过的问法）"), encoding="utf-8-sig"
    )
    page.set_input_files("input[type=file]", str(changed))
    page.get_by_role("button", name="导入 1 条，存为草稿").click(timeout=SLOW_MS)
    expect(page.get_by_text("已存为 1 份草稿")).to_be_visible(timeout=SLOW_MS)
    draft = editing.draft_of("entry", "cq-2022-11-preamble-05")
    assert draft is not None
    assert draft.content["question"] == f"{held['question']}（改过的问法）"
    editing.discard(draft.id, by="editor", revision=draft.revision)
