"""The child that reads files: it is limited, it can be stopped, it never outlives the call."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from knowledge.errors import UnreadableDocument
from knowledge.reading import Cancelled, Limits, Progress, isolating, read_source
from tests.knowledge.reading.packages import docx_of, p
from tests.knowledge.reading.pdf_writer import latin_pages

MEBI = 2**20
LONG = latin_pages(
    [[(72, 720 - 12 * row, f"Line {row} of page {page} " * 3) for row in range(50)] for page in range(300)]
)


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Every process that a reading started."""
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*arguments, **options):
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(isolating.subprocess, "Popen", start)
    return started


def assert_gone(children: list[subprocess.Popen[bytes]]) -> None:
    assert len(children) == 1
    assert children[0].returncode is not None
    with pytest.raises(ProcessLookupError):
        os.killpg(children[0].pid, 0)


def test_a_reading_tells_page_by_page_where_it_stands(children: list[subprocess.Popen[bytes]]) -> None:
    told: list[Progress] = []
    source = read_source(LONG, "a.pdf", progress=told.append)
    assert source.pages == 300
    assert told[-1] == Progress(300, 300)
    assert [step.page for step in told] == sorted({step.page for step in told})
    assert_gone(children)


def test_a_reading_that_takes_too_long_is_killed(children: list[subprocess.Popen[bytes]]) -> None:
    with pytest.raises(UnreadableDocument, match="还没有读完，已停止"):
        read_source(LONG, "a.pdf", limits=Limits(seconds=0.05))
    assert_gone(children)


def test_a_reading_can_be_cancelled(children: list[subprocess.Popen[bytes]]) -> None:
    stop = threading.Event()
    with pytest.raises(Cancelled, match=r"a\.pdf：已按要求停止读取"):
        read_source(LONG, "a.pdf", progress=lambda step: stop.set(), cancelled=stop.is_set)
    assert_gone(children)


def test_a_child_without_memory_says_so(children: list[subprocess.Popen[bytes]]) -> None:
    with pytest.raises(UnreadableDocument, match="需要的内存超过上限"):
        read_source(docx_of(p("一、甲" * 20) * 60_000), "a.docx", limits=Limits(memory_bytes=60 * MEBI))
    assert_gone(children)


def test_a_child_that_dies_is_a_file_that_cannot_be_read(
    children: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolating, "_CHILD", "tests.knowledge.reading.dying")
    with pytest.raises(UnreadableDocument, match=r"a\.pdf：读取时出错中断"):
        read_source(LONG, "a.pdf")
    assert_gone(children)


def test_a_child_that_talks_without_end_is_stopped(
    children: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolating, "_CHILD", "tests.knowledge.reading.chattering")
    monkeypatch.setattr(isolating, "_OVERHEAD", 1000)
    with pytest.raises(UnreadableDocument, match="超过 50 字的上限"):
        read_source(LONG, "a.pdf", limits=Limits(text_chars=50))
    assert_gone(children)


def test_small_plain_text_needs_no_child(children: list[subprocess.Popen[bytes]]) -> None:
    assert read_source("一、甲".encode(), "a.txt").text == "一、甲"
    assert children == []


def test_large_plain_text_is_read_by_a_child(children: list[subprocess.Popen[bytes]]) -> None:
    text = "一、节约用水。\n" * 1000
    assert read_source(text.encode(), "a.txt", limits=Limits(in_process_bytes=1000)).text == text
    assert_gone(children)


def test_the_child_gets_no_setting_and_loads_no_model() -> None:
    """What a hostile file could reach: not the app's secrets, nor its memory."""
    os.environ["LVXIAOYU_TEST_SECRET"] = "x"
    try:
        assert "LVXIAOYU_TEST_SECRET" not in isolating._environment()
    finally:
        del os.environ["LVXIAOYU_TEST_SECRET"]
    root = Path(isolating.__file__).resolve().parents[2]
    code = (
        "import sys, knowledge.reading.child, knowledge.reading.dispatching, knowledge.reading.pdf,"
        "knowledge.reading.docx, knowledge.reading.html, knowledge.reading.ofd;"
        "print([name for name in ('torch', 'sqlalchemy', 'api', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
