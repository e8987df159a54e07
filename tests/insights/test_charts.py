"""Charts show the figures they are given, and their tables say the same."""

from __future__ import annotations

from datetime import date, timedelta

from api.console.insights import charts
from api.insights.figures import Counts, Overview, Period, Share
from api.insights.topics import NOWHERE

FIRST = date(2026, 11, 20)
PERIOD = Period(FIRST, FIRST + timedelta(days=1))
ONE = Counts(answered=5, clarified=2, abstained=1, useful=3, useless=1, p50=20, p95=1500)
TWO = Counts(answered=1)
OVERVIEW = Overview(
    PERIOD,
    total=Counts(answered=6, clarified=2, abstained=1, useful=3, useless=1, p50=20, p95=1500),
    before=Counts(),
    days={FIRST: ONE, PERIOD.last: TWO},
    topics=(Share(NOWHERE, 4, 0), Share("衣着消费", 3, 3), Share("交通消费", 2, 1)),
    districts=(Share("渝北区", 3, 1),),
)


def drawn(chart: charts.Chart) -> dict[str, list[int | None]]:
    return {series["name"]: series["data"] for series in chart.options["series"]}


def test_questions_by_day_are_stacked_by_what_became_of_them() -> None:
    chart = charts.by_day(OVERVIEW)
    assert drawn(chart) == {"已答": [5, 1], "反问": [2, 0], "没答上": [1, 0]}
    assert chart.options["xAxis"]["data"] == ["11-20", "11-21"]
    assert chart.rows == (("2026-11-21", 1, 1, 0, 0), ("2026-11-20", 8, 5, 2, 1))
    assert chart.told == "2 天共 9 个问题，答上 6 个"


def test_outcomes_are_shares_of_the_questions() -> None:
    chart = charts.outcomes(OVERVIEW)
    assert chart.rows == (("已答", 6, "66.7%"), ("反问", 2, "22.2%"), ("没答上", 1, "11.1%"))
    assert [part["value"] for part in chart.options["series"][0]["data"]] == [6, 2, 1]
    assert chart.options["title"]["text"] == "66.7%"


def test_what_led_nowhere_is_in_the_table_of_topics_but_is_no_bar() -> None:
    chart = charts.by_topic(OVERVIEW)
    assert chart.options["yAxis"]["data"] == ["交通消费", "衣着消费"]
    assert drawn(chart) == {"已答": [1, 3], "反问或没答上": [1, 0]}
    assert chart.rows == ((NOWHERE, 4, 0, "0.0%"), ("衣着消费", 3, 3, "100.0%"), ("交通消费", 2, 1, "50.0%"))
    assert chart.told == "问得最多的是“衣着消费”，3 次"


def test_of_many_districts_the_first_twelve_are_drawn_and_all_are_told() -> None:
    shares = tuple(Share(f"第{number}区", 40 - number, 1) for number in range(30))
    chart = charts.by_district(Overview(PERIOD, Counts(), Counts(), districts=shares))
    assert chart.options["yAxis"]["data"] == [f"第{number}区" for number in range(11, -1, -1)]
    assert len(chart.rows) == 30


def test_times_are_told_in_milliseconds_and_from_a_second_on_in_seconds() -> None:
    chart = charts.times(OVERVIEW)
    assert drawn(chart) == {"中位数": [20, None], "P95": [1500, None]}
    assert chart.rows == (("2026-11-21", "—", "—"), ("2026-11-20", "20 毫秒", "1.5 秒"))


def test_ratings_are_counted_by_day() -> None:
    chart = charts.ratings(OVERVIEW)
    assert drawn(chart) == {"有用": [3, 0], "没用": [1, 0]}
    assert chart.told == "共 4 次评价，有用 3，没用 1"


def test_a_period_of_nothing_draws_nothing_and_says_so() -> None:
    nothing = Overview(PERIOD, Counts(), Counts(), days={FIRST: Counts()})
    assert charts.by_topic(nothing).rows == ()
    assert charts.by_topic(nothing).told == "这段时间没有数据"
    assert charts.outcomes(nothing).options["title"]["text"] == "—"
