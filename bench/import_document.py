"""Parsing a policy text into clauses: 1 MB of each shape beside a tenth of it, and 10 MB of a plan.

    python -m bench.import_document [--json FILE]

A ratio of about ten says that time grows with the text and no faster.
"""

from __future__ import annotations

import time

from bench.report import Report
from knowledge.parsing import parse

SHAPES = {
    "plan": "一、总体要求\n（一）节约。到2025年下降10%。（市水利局负责）\n二、组织\n（一）领导。加强。\n",
    "articles": "第一条　甲。\n乙应当节约。\n",
    "table": "附件\n\t1.甲\n\t2025年\n\n",
    "page_numbers": "页眉\n- 1 -\n正文还没有完\n",
    "one_line": "节约用水，",
}


def seconds(shape: str, size: int) -> float:
    text = "一、甲\n" + SHAPES[shape] * (size // len(SHAPES[shape].encode()))
    started = time.process_time()
    parse(text, "measured")
    return time.process_time() - started


def main() -> None:
    report = Report(__doc__)
    options = report.parser.parse_args()
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
