"""Plain forms in words."""

from __future__ import annotations

from api.console.writing.readable import lines_of
from knowledge.content_loader import read_content
from knowledge.editing.forms import to_plain


def test_amounts_are_read_with_their_rates_caps_and_dates() -> None:
    amount = {"what": "报废换新", "rate": "0.12", "cap": "20000", "unit": "元/辆", "valid_from": "2026-01-01"}
    assert lines_of("amounts", [amount]) == ["报废换新：12%，最多20000元/辆（2026-01-01起）"]


def test_a_rule_is_one_sentence() -> None:
    rule = {
        "id": "scrap-fuel",
        "tasks": ["car"],
        "amount": "燃油车",
        "applies": {"way": ["scrap"], "new_energy": ["fuel"]},
        "conditions": [
            {"fact": "displacement", "at_most": "2.0"},
            {
                "fact": "old_registered",
                "by": "2013-06-30",
                "given": {"old_energy": ["petrol"]},
                "line": "原话",
            },
        ],
        "per": "vehicle",
    }
    assert lines_of("rules", [rule]) == [
        "scrap-fuel（燃油车）：购车补贴；适用：旧车怎么处理是报废，新车的能源是燃油；"
        "条件：新车排量（升）不超过2.0；"
        "条件：旧车的能源是汽油时，旧车注册登记日不晚于2013-06-30，依据“原话”；每辆车"
    ]


def test_every_field_that_ships_can_be_read() -> None:
    shipped = read_content()
    for item in (*shipped.entries, *shipped.programmes):
        for field, value in to_plain(item).items():
            lines = lines_of(field, value)
            assert all(isinstance(line, str) and line for line in lines), (field, value)
            assert bool(lines) == (value not in (None, "", [], {}))
