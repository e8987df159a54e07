from api.web.amounts import money, percent


def test_rates_read_as_percentages_without_rounding():
    assert [percent(rate) for rate in ("0.12", "1", "0.125", "0.1", None)] == [
        "12%",
        "100%",
        "12.5%",
        "10%",
        "",
    ]


def test_a_cap_keeps_its_unit_and_a_range_stays_a_range():
    assert money("20000", "元/辆") == "20,000 元/辆"
    assert money("1500.50", "元") == "1,500.50 元"
    assert money("100-300", "元") == "100-300 元"
    assert money("300", None) == "300"
    assert money(None, "元") == ""
