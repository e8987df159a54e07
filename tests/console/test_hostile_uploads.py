"""Hostile files, endless uploads and a full disk, through the browser's own upload and past it."""

from __future__ import annotations

import io
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import httpx
import psutil
import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfWriter
from pypdf.actions import JavaScript

from tests.console.conftest import Console, SignedIn
from tests.knowledge.reading.packages import W, bomb, docx_of, p
from tests.knowledge.reading.pdf_writer import latin_pages

pytestmark = pytest.mark.browser
MEBI = 2**20
PATIENT_MS = 90_000
PDF = latin_pages([[(72, 720, "Article 1 of the rules"), (72, 700, "Article 2 of the rules")]])
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def locked() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(PDF))
    writer.encrypt("geheim")
    return _written(writer)


def scripted() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(PDF))
    writer.add_open_action(JavaScript("app.alert(1)"))
    return _written(writer)


def laughing() -> bytes:
    return docx_of("", raw=f"{LAUGHS}<w:document {W}><w:body>{p('&b;')}</w:body></w:document>".encode())


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb.docx": (lambda: bomb("word/document.xml", 80), "大得不合常理"),
    "entities.docx": (laughing, "定义了 XML 实体"),
    "locked.pdf": (locked, "设了打开密码"),
}


def choose(page: Page, name: str, data: bytes) -> None:
    page.set_input_files(
        "input[type=file]", {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


def test_each_hostile_file_is_refused_by_name_and_the_next_one_is_read(signed_in: SignedIn) -> None:
    page = signed_in("editor", at="/documents/import")
    for name, (make, said) in HOSTILE.items():
        choose(page, name, make())
        failed = page.locator(".doc-job").filter(has_text=name)
        expect(failed.locator(".text-negative")).to_contain_text(said, timeout=PATIENT_MS)
        expect(failed.locator(".text-negative")).to_contain_text("请")
    page.get_by_text("更多选项").click()
    page.get_by_label("指定编号").fill("scripted-1")
    choose(page, "scripted.pdf", scripted())
    read = page.locator(".doc-job").filter(has_text="scripted.pdf")
    expect(read.get_by_text("带有脚本，没有运行")).to_be_visible(timeout=PATIENT_MS)
    expect(read.get_by_role("button", name="打开草稿")).to_be_visible()


def test_200_megabytes_are_refused_in_the_browser_and_past_it(
    console: Console, signed_in: SignedIn, tmp_path: Path
) -> None:
    large = tmp_path / "large.pdf"
    with large.open("wb") as stream:
        os.truncate(stream.fileno(), 200 * MEBI)
    page = signed_in("editor", at="/documents/import")
    page.set_input_files("input[type=file]", str(large))
    expect(page.get_by_text("文件没有上传：超过")).to_be_visible()
    assert page.locator(".doc-job").filter(has_text="large.pdf").count() == 0

    with page.expect_request(lambda request: "/upload/" in request.url) as asked:
        choose(page, "small.txt", "一、鼓励捐赠旧衣物。".encode())
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    headers = {"Origin": console.url, "Content-Type": "multipart/form-data; boundary=part"}
    with httpx.Client(cookies=cookies, headers=headers, timeout=60, trust_env=False) as client:
        assert _announced(client, asked.value.url, 200 * MEBI) == 413
        hung_up = suppress(httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError)
        with _memory_of(console) as grown, hung_up:  # of no stated length: cut off while it is read
            assert client.post(asked.value.url, content=_pieces(200)).status_code == 413
    assert max(grown) < 60 * MEBI, "what is too long is never held in memory"
    assert httpx.get(f"{console.url}/healthz", timeout=30).status_code == 200


def test_a_disk_that_is_really_full_is_said_and_the_upload_goes_through_once_there_is_room(
    console: Console, signed_in: SignedIn
) -> None:
    page = signed_in("editor", at="/documents/import")
    page.get_by_text("更多选项").click()
    page.get_by_label("指定编号").fill("after-full-disk")
    text = ("一、鼓励捐赠旧衣物。\n" * 100_000).encode()
    with _small_disk(console.data_dir / "imports", MEBI):
        choose(page, "long.txt", text)
        expect(page.get_by_text("服务器磁盘已满")).to_be_visible(timeout=PATIENT_MS)
        assert page.locator(".doc-job").filter(has_text="long.txt").count() == 0
        assert httpx.get(f"{console.url}/healthz", timeout=30).status_code == 200
    choose(page, "short.txt", "一、鼓励捐赠旧衣物。\n二、鼓励修理。\n".encode())
    done = page.locator(".doc-job").filter(has_text="short.txt")
    expect(done.get_by_role("button", name="打开草稿")).to_be_visible(timeout=PATIENT_MS)


def _announced(client: httpx.Client, url: str, length: int) -> int:
    """The status of an upload that says its length and has sent nothing of it yet."""
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    headers = {**client.headers, "Cookie": cookies, "Content-Length": str(length)}
    address = httpx.URL(url)
    connection = HTTPConnection(address.host, address.port or 80, timeout=30)
    connection.putrequest("POST", address.raw_path.decode())
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


def _pieces(mebi: int) -> Iterator[bytes]:
    yield b'--part\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    for _ in range(mebi):
        yield b"x" * MEBI
    yield b"\r\n--part--\r\n"


@contextmanager
def _memory_of(console: Console) -> Iterator[list[int]]:
    """How much more memory the app holds than at the start, in bytes, looked at again and again."""
    app = next(
        child
        for child in psutil.Process().children()
        if child.environ().get("LVXIAOYU_DATA_DIR") == str(console.data_dir)
    )
    before, grown, over = app.memory_info().rss, [0], threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            grown.append(app.memory_info().rss - before)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield grown
    finally:
        over.set()
        looking.join()


@contextmanager
def _small_disk(folder: Path, size: int) -> Iterator[None]:
    """`folder` on a file system of its own with `size` bytes; what was in it comes back afterwards."""
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small file system can't be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)
