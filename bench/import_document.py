"""Importing: a document of 10,000 clauses as TXT, DOCX, HTML and PDF, store included; parsing by shape.

    python -m bench.import_document [--json FILE]

Each format is imported into a new database by a process of its own: seconds from the call to the commit, and
the peak memory of that process and the reader's child together. Plain text is the baseline of the others.
For the parser alone a ratio of about ten says that time grows with the text and no faster.
"""

from __future__ import annotations

import argparse
import html
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import Report
from knowledge.parsing import parse
from knowledge.parsing.numbering import numeral

SHAPES = {
    "plan": "一、总体要求\n（一）节约。到2025年下降10%。（市水利局负责）\n二、组织\n（一）领导。加强。\n",
    "articles": "第一条　甲。\n乙应当节约。\n",
    "table": "附件\n\t1.甲\n\t2025年\n\n",
    "page_numbers": "页眉\n- 1 -\n正文还没有完\n",
    "one_line": "节约用水，",
}
PARTS, SECTIONS = 50, 199  # a part and its sections: 10,000 clauses
FORMATS = ("txt", "docx", "html", "pdf")
_WORDS = (
    "鼓励居民购买绿色智能家电，对符合条件的按成交价格的{rate}%给予补贴，每件不超过{cap}元，"
    "由区县商务部门会同财政部门受理，在{days}个工作日内办结，并在政府网站公布受理地点和电话。"
    "（市商务委、市财政局等部门按职责分工负责）"
)


def paragraphs() -> list[str]:
    """The document: 50 parts with 199 sections each, no two alike."""
    lines = ["重庆市绿色消费实施细则", "渝测规范〔2026〕1号", "为落实绿色消费的要求，制定本细则。"]
    for part in range(1, PARTS + 1):
        lines.append(f"{numeral(part)}、第{part}类商品")
        for section in range(1, SECTIONS + 1):
            words = _WORDS.format(rate=5 + section % 20, cap=100 * part + section, days=3 + section % 27)
            lines.append(f"（{numeral(section)}）第{part}类第{section}种商品的补贴。{words}")
    return lines


def write_files(folder: Path) -> dict[str, Path]:
    """The document in each format."""
    lines = paragraphs()
    paths = {kind: folder / f"clauses.{kind}" for kind in FORMATS}
    paths["txt"].write_text("\n".join(lines) + "\n", encoding="utf-8")
    body = "\n".join(f"<p>{html.escape(line)}</p>" for line in lines)
    page = f'<!doctype html><html><head><meta charset="utf-8"></head><body>{body}</body></html>'
    paths["html"].write_text(page, encoding="utf-8")
    _write_docx(lines, paths["docx"])
    _write_pdf(body, paths["pdf"])
    return paths


def _write_docx(lines: list[str], path: Path) -> None:
    from docx import Document  # python-docx; only the bench writes Word files

    document = Document()
    for line in lines:
        document.add_paragraph(line)
    document.save(str(path))


def _write_pdf(body: str, path: Path) -> None:
    from playwright.sync_api import sync_playwright

    style = "@page{size:A4;margin:25mm} body{font:12pt/1.6 serif} p{margin:0;text-indent:2em}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.set_default_timeout(600_000)
        page.set_content(f"<style>{style}</style>{body}")
        page.pdf(path=str(path), prefer_css_page_size=True)
        browser.close()


def import_one(path: Path) -> None:
    """Imports one file into a new database and prints what it took, as JSON."""
    from sqlalchemy.orm import Session

    from api.migrations import upgrade
    from knowledge.store import create_engine_for, import_document

    address = f"sqlite:///{path.with_suffix(f'{path.suffix}.db')}"
    upgrade(address)
    engine = create_engine_for(address)
    started = time.perf_counter()
    with Session(engine) as session:
        report = import_document(session, path=path, by="bench")
        session.commit()
    seconds = time.perf_counter() - started
    engine.dispose()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"seconds": seconds, "mb": (own + child) / 1024, "clauses": report.clauses}))


def imports(report: Report) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for kind, path in write_files(Path(folder)).items():
            done = subprocess.run(
                [sys.executable, "-m", "bench.import_document", "--one", str(path)],
                check=True,
                capture_output=True,
                text=True,
            )
            found = json.loads(done.stdout.splitlines()[-1])
            report.figure(f"import.{kind}.clauses", found["clauses"], "clauses")
            report.figure(f"import.{kind}.seconds", found["seconds"], "s")
            report.figure(f"import.{kind}.memory", found["mb"], "MB")


def seconds(shape: str, size: int) -> float:
    text = "一、甲\n" + SHAPES[shape] * (size // len(SHAPES[shape].encode()))
    started = time.process_time()
    parse(text, "measured")
    return time.process_time() - started


def main() -> None:
    report = Report(__doc__)
    report.parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = report.parser.parse_args()
    if options.one:
        import_one(options.one)
        return
    imports(report)
    seconds("plan", 10_000)  # warm
    for shape in SHAPES:
        small, large = seconds(shape, 100_000), seconds(shape, 1_000_000)
        report.figure(f"{shape}.100kB", small, "s")
        report.figure(f"{shape}.1MB", large, "s")
        report.figure(f"{shape}.ratio", large / small, "times")
    report.figure("plan.10MB", seconds("plan", 10_000_000), "s")
    report.close(options.json)


if __name__ == "__main__":
    main()
