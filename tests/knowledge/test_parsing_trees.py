"""Trees of both families of markers, alone and mixed; and documents made up by hypothesis."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.parsing import detect_metadata
from knowledge.parsing.numbering import numeral
from tests.knowledge.tree_checks import parse_losslessly

LAW = """示例市资源节约条例

（2021年3月31日示例市第五届人民代表大会常务委员会第二十五次会议通过）

目　录

第一章　总　则

第二章　投放

第一章　总　则

第一条　为了节约资源，制定本条例。

第二条　本条例所称资源，是指水、电和材料。

本条例所称节约，是指减少消耗。
第三条规定的活动除外。

第三条　单位应当：
（一）制定计划；
（二）公开下列事项：
1.用量；
2.去向；
（三）其他。
前款第（二）项的目录另行公布。

第二章　投放
第一节　分类
第四条　个人应当：
（一）分类投放；
（二）按时投放。
第二节　收集
第五条　收集单位应当登记。
第五条之一　登记应当真实。
第七条　本条例自2021年7月1日起施行。
"""


def test_a_law_nests_articles_paragraphs_and_items() -> None:
    parsed = parse_losslessly(LAW, "law")
    assert [(clause.path, clause.kind, clause.label) for clause in parsed.clauses] == [
        ("title", "title", "标题"),
        ("contents", "title", "目录"),
        ("1", "chapter", "第一章 总则"),
        ("1.1", "article", "第一章第一条"),
        ("1.2", "article", "第一章第二条"),
        ("1.2.1", "paragraph", "第一章第二条第一款"),
        ("1.2.2", "paragraph", "第一章第二条第二款"),
        ("1.2.3", "paragraph", "第一章第二条第三款"),
        ("1.3", "article", "第一章第三条"),
        ("1.3.1", "paragraph", "第一章第三条第一款"),
        ("1.3.1.1", "item", "第一章第三条第一款第（一）项"),
        ("1.3.1.2", "item", "第一章第三条第一款第（二）项"),
        ("1.3.1.2.1", "subitem", "第一章第三条第一款第（二）项1."),
        ("1.3.1.2.2", "subitem", "第一章第三条第一款第（二）项2."),
        ("1.3.1.3", "item", "第一章第三条第一款第（三）项"),
        ("1.3.2", "paragraph", "第一章第三条第二款"),
        ("2", "chapter", "第二章 投放"),
        ("2.s1", "division", "第二章第一节 分类"),
        ("2.4", "article", "第二章第四条"),
        ("2.4.1", "item", "第二章第四条第（一）项"),
        ("2.4.2", "item", "第二章第四条第（二）项"),
        ("2.s2", "division", "第二章第二节 收集"),
        ("2.5", "article", "第二章第五条"),
        ("2.5-1", "article", "第二章第五条之一"),
        ("2.7", "article", "第二章第七条"),
    ]
    assert parsed.clauses[2].parent is None
    assert next(clause for clause in parsed.clauses if clause.path == "2.4").parent == "law#2.s1"


def test_a_missing_number_is_reported_and_nothing_is_lost() -> None:
    (warning,) = parse_losslessly(LAW).warnings
    assert "第七条" in warning
    assert "前一个是5" in warning


def test_an_article_with_one_paragraph_keeps_its_words_itself() -> None:
    parsed = parse_losslessly("第一条　只有一款。\n第二条　也只有一款：\n（一）甲；\n（二）乙。\n")
    assert [(clause.path, clause.text) for clause in parsed.clauses] == [
        ("1", "第一条只有一款。"),
        ("2", "第二条也只有一款："),
        ("2.1", "（一）甲；"),
        ("2.2", "（二）乙。"),
    ]


def test_a_heading_with_articles_under_it_holds_them_in_the_whole_text() -> None:
    text = "示例办法\n一、总则\n第一条　为了节约，制定本办法。\n第二条　本办法适用于本市。\n二、罚则\n第三条　违反的，改正。\n"
    parsed = parse_losslessly(text, "d")
    assert [(clause.path, clause.label) for clause in parsed.clauses] == [
        ("title", "标题"),
        ("1", "第一部分 总则"),
        ("1.1", "第一部分第一条"),
        ("1.2", "第一部分第二条"),
        ("2", "第二部分 罚则"),
        ("2.3", "第二部分第三条"),
    ]


def test_articles_hold_numbered_points_where_they_come_first() -> None:
    text = "第一条　本市支持：\n一、节水；\n二、节电。\n第二条　本办法即日施行。\n"
    assert [clause.path for clause in parse_losslessly(text).clauses] == ["1", "1.1", "1.2", "2"]


def test_four_levels_of_a_plan_nest() -> None:
    text = "一、任务\n（一）交通。优先公交。\n1.公交\n（1）线网\n①干线；\n②支线。\n（2）站点\n2.慢行\n（二）建筑。推广绿色建材。\n"
    parsed = parse_losslessly(text)
    paths = [clause.path for clause in parsed.clauses]
    assert paths == ["1", "1.1", "1.1.1", "1.1.1.1", "1.1.1.1.1", "1.1.1.1.2", "1.1.1.2", "1.1.2", "1.2"]


def test_a_marker_inside_a_wrapped_sentence_is_text() -> None:
    full = "各区县政府要按照本方案第二部分的有关要求并参照前面条款"
    lines = [
        "一、总体要求",
        *[full] * 12,
        "（一）项的规定执行，落实到位并报市发展改革委备案。",
        "二、组织实施",
    ]
    parsed = parse_losslessly("\n\n".join(lines) + "\n")
    assert [clause.path for clause in parsed.clauses] == ["1", "2"]
    assert "条款（一）项的规定" in parsed.clauses[0].text


def test_a_number_that_goes_back_is_text_with_a_warning() -> None:
    parsed = parse_losslessly("一、甲\n二、乙\n三、丙\n二、不是新的部分\n")
    assert [clause.path for clause in parsed.clauses] == ["1", "2", "3"]
    assert parsed.clauses[2].text == "三、丙\n二、不是新的部分"
    assert len(parsed.warnings) == 1


def test_a_number_given_twice_gets_a_path_of_its_own() -> None:
    parsed = parse_losslessly("一、甲\n（一）子。一。\n一、又一个甲\n（一）子。二。\n")
    assert [clause.path for clause in parsed.clauses] == ["1", "1.1", "1-2", "1-2.1"]
    assert len(parsed.warnings) == 1


def test_a_plain_notice_keeps_its_signature_and_annexes() -> None:
    text = (
        "关于开展旧物回收的通知\n渝商务〔2024〕5号\n各区县：\n现通知如下。\n一、时间\n6月。\n二、地点\n各社区。\n"
        "附件：1.清单\n重庆市商务委员会\n2024年5月6日\n附件1\n清单\n一、家电\n二、家具\n附件2\n表\n"
    )
    parsed = parse_losslessly(text, "n")
    assert [clause.path for clause in parsed.clauses] == [
        "title",
        "preamble",
        "1",
        "2",
        "signature",
        "annex",
        "annex.1",
        "annex.2",
        "annex-2",
    ]
    found = detect_metadata(parsed.clauses)
    assert (found.title, found.document_number) == ("关于开展旧物回收的通知", "渝商务〔2024〕5号")
    assert (found.issuers, str(found.issued_on)) == (("重庆市商务委员会",), "2024-05-06")


def test_a_table_with_a_row_a_line_is_read_too() -> None:
    text = "一、任务\n完成下表。\n附件\n\t任务\t期限\t责任单位\n一、节水\t1.修管网\t2025年\t市水利局\n\t2.查漏\t2026年\t市水利局、市城市管理局\n"
    parsed = parse_losslessly(text, "t")
    rows = {clause.path: clause for clause in parsed.clauses if clause.kind == "annex_row"}
    assert {path: (row.due, row.departments, row.parent) for path, row in rows.items()} == {
        "annex.1": ("2025年", ("市水利局",), "t#annex.task-1"),
        "annex.2": ("2026年", ("市水利局", "市城市管理局"), "t#annex.task-1"),
    }


_words = st.text(alphabet="绿色消费节约回收市民abc 12，、（）《》“”", min_size=1, max_size=24)
_sentence = _words.map(lambda words: words + "。")
_markers = st.one_of(
    st.integers(1, 30).map(lambda n: f"{numeral(n)}、"),
    st.integers(1, 30).map(lambda n: f"（{numeral(n)}）"),
    st.integers(1, 30).map(lambda n: f"第{numeral(n)}条　"),
    st.integers(1, 30).map(lambda n: f"第{numeral(n)}章　"),
    st.integers(1, 9).map(lambda n: f"第{numeral(n)}节　"),
    st.integers(1, 40).map(lambda n: f"{n}."),
    st.integers(1, 40).map(lambda n: f"（{n}）"),
    st.sampled_from("①②③"),
    st.sampled_from(
        ["", "", "附件", "附件2", "附件：清单", "\t", "- 3 -\n", "2024年1月2日\n", "各区县：\n", "目录\n"]
    ),
)
_line = st.tuples(_markers, st.one_of(_words, _sentence, st.just(""))).map("".join)
_documents = st.lists(
    st.tuples(_line, st.sampled_from(["\n", "\n\n", "\n\t\n"])).map("".join), max_size=40
).map("".join)


@settings(max_examples=300, deadline=None)
@given(_documents)
@example("十、\n七、\n附件\n31.a\n\n")
def test_no_made_up_document_loses_a_character(text: str) -> None:
    if text.strip():
        parse_losslessly(text)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 9), st.integers(1, 6), st.integers(1, 4))
def test_a_regular_law_gets_one_clause_for_each_marker(chapters: int, articles: int, items: int) -> None:
    lines, expected, count = ["示例法"], ["title"], 0
    for chapter in range(1, chapters + 1):
        lines.append(f"第{numeral(chapter)}章　示例")
        expected.append(str(chapter))
        for _ in range(articles):
            count += 1
            lines.append(f"第{numeral(count)}条　应当做到：")
            expected.append(f"{chapter}.{count}")
            for item in range(1, items + 1):
                lines.append(f"（{numeral(item)}）做到；")
                expected.append(f"{chapter}.{count}.{item}")
    parsed = parse_losslessly("\n".join(lines) + "\n")
    assert [clause.path for clause in parsed.clauses] == expected
    assert parsed.warnings == ()
