"""Figures and groups as files: what a spreadsheet shows, and what it must not run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from api.insights.export import figures_csv, groups_csv, harmless
from api.insights.figures import Counts, Overview, Period, Share, Top
from api.insights.missed import Miss, Wording
from api.insights.model import Group

DAY = date(2026, 11, 21)
AT = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
COUNTS = Counts(
    answered=5, clarified=2, abstained=1, other=3, useful=2, useless=1, conversations=4, p50=20, p95=90
)
OVERVIEW = Overview(
    Period(DAY, DAY),
    total=COUNTS,
    before=Counts(),
    days={DAY: COUNTS},
    topics=(Share("衣着消费", 6, 5),),
    districts=(Share("渝北区", 2, 1),),
    top=(Top("clothes", "=旧衣服可以捐吗", 5, 2, 1),),
)


def read(file: bytes) -> list[list[str]]:
    assert file.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))


def wording(text: str, times: int = 1) -> Wording:
    return Wording(text, text, (Miss(text, AT, "unanswered", None, "渝北区"),) * times)


def test_the_file_has_a_line_for_every_figure() -> None:
    head, *rows = read(figures_csv(OVERVIEW))
    assert head == ["类别", "名称", "指标", "数值"]
    told = {tuple(row[:3]): row[3] for row in rows}
    assert len(told) == len(rows) == 3 * 10 + 2 + 2 + 3
    assert told["合计", "所选时段", "提问"] == "8"
    assert told["合计", "上一时段", "响应P95（毫秒）"] == ""
    assert told["按日", "2026-11-21", "没答上"] == "1"
    assert told["按主题", "衣着消费", "已答"] == "5"
    assert told["按区县", "渝北区", "提问"] == "2"
    assert told["热门问题", "'=旧衣服可以捐吗", "提问"] == "5"


def test_a_residents_formula_is_plain_text_in_the_file() -> None:
    evil = (
        '=HYPERLINK("http://example.org","点我")',
        "+1+1",
        "@SUM(A1)",
        "\t=1",
        " =1",
        "＝1+1",
        "普通\n问题",
    )
    group = Group("g", evil[0], tuple(map(wording, evil)), 7, 0)
    _, row = read(groups_csv([group]))
    assert row[0] == "'" + evil[0]
    assert row[1:9] == ["待处理", "7", "7", "0", "0", "7", "0", "2026-11-21"]
    assert row[10] == "渝北区"
    assert row[11].startswith("'=HYPERLINK")
    assert read(groups_csv([replace(group, question="-2+3")]))[1][0] == "'-2+3"


@pytest.mark.parametrize(
    "cell", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "－1", "＠a"]
)
def test_what_a_spreadsheet_would_run_gets_a_quote_before_it(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["旧衣服", "1=1", "", "a-b", "'=1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell
