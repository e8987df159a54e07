import pytest

from api.web.reading import Piece, heading_end, lay_out
from api.web.spans import Span
from knowledge.content_loader import load_shipped
from knowledge.model import Clause, Knowledge


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load_shipped()


def clause(path: str, kind: str, text: str, **fields) -> Clause:
    return Clause(f"d#{path}", "d", path, kind, f"标签 {path}", text, fields.pop("position", 0), **fields)


def words(pieces) -> str:
    return "".join(piece.text for piece in pieces)


def test_the_page_gives_every_character_of_a_document_once(known: Knowledge):
    for document in known.documents:
        clauses = tuple(known.clauses_of(document.id))
        shown = []
        for block in lay_out(clauses, None).blocks:
            shown += [words(block.heading), words(block.body)]
            for group in block.groups:
                shown.append(words(group.heading))
                for row in group.rows:
                    shown += [words(row.what), words(row.due), words(row.departments)]
        expected = "".join(item.text for item in sorted(clauses, key=lambda item: item.position))
        assert "".join("".join(shown).split()) == "".join(expected.split())


def test_a_heading_ends_with_its_stop_and_only_where_the_text_begins_with_it():
    assert heading_end(clause("1", "section", "（一）目标。到2025年", marker="（一）", heading="目标")) == 6
    assert heading_end(clause("1", "part", "一、 总体要求", marker="一、", heading="总体要求")) == 7
    assert heading_end(clause("1", "section", "（一）别的话", marker="（一）", heading="目标")) == 0
    assert heading_end(clause("1", "item", "1.没有标题的一条", marker="1.")) == 0


def test_the_cited_words_are_marked_and_nothing_else(known: Knowledge):
    reading = lay_out(tuple(known.clauses_of("cq-2022-11")), Span("2.6", 12, 40))
    [cited] = [block for block in reading.blocks if block.cited]
    marked = "".join(piece.text for piece in cited.heading + cited.body if piece.marked)
    assert cited.path == "2.6"
    assert marked == known.clause_by_id["cq-2022-11#2.6"].text[12:40]


@pytest.mark.parametrize("span", [Span("2.6", 5, 99999), Span("9.9", 0, 3), Span("2.6", 7, 7)])
def test_a_span_that_does_not_fit_marks_nothing(known: Knowledge, span: Span):
    reading = lay_out(tuple(known.clauses_of("cq-2022-11")), span)
    assert reading.cited is None
    assert not any(block.cited for block in reading.blocks)


def test_annex_rows_stand_under_their_task_and_carry_it(known: Knowledge):
    [table] = [b for b in lay_out(tuple(known.clauses_of("cq-2020-1891")), None).blocks if b.kind == "table"]
    rows = {row.path: row for group in table.groups for row in group.rows}
    assert [words(group.heading) for group in table.groups][:2] == [
        "一、推行绿色设计",
        "二、强化工业清洁生产",
    ]
    assert rows["annex.7"].task == "三、发展工业循环经济"
    assert words(rows["annex.6"].due) == "2020年"
    assert rows["annex.15"].incomplete
    assert words(rows["annex.15"].due) == words(rows["annex.15"].departments) == ""


def test_a_row_cited_across_cells_is_marked_in_each(known: Knowledge):
    text = known.clause_by_id["cq-2020-1891#annex.6"].text
    span = Span("annex.6", 2, len(text))
    [table] = [b for b in lay_out(tuple(known.clauses_of("cq-2020-1891")), span).blocks if b.kind == "table"]
    [row] = [row for group in table.groups for row in group.rows if row.cited]
    assert row.what[0] == Piece("6.")
    assert row.due == (Piece("2020年", True),)


def test_a_row_without_line_breaks_shows_its_known_fields_beside_it():
    row = clause("annex.1", "annex_row", "1.做事", due="2020年", departments=("甲局", "乙局"))
    [table] = lay_out([row], None).blocks
    shown = table.groups[0].rows[0]
    assert [words(shown.what), words(shown.due), words(shown.departments)] == [
        "1.做事",
        "2020年",
        "甲局、乙局",
    ]


def test_the_contents_list_parts_with_their_sections(known: Knowledge):
    contents = lay_out(tuple(known.clauses_of("cq-2022-11")), None).contents
    assert [line.text for line in contents][:2] == ["一、总体要求", "二、全面促进重点领域消费绿色转型"]
    assert [line.path for line in contents[1].below] == [f"2.{number}" for number in range(3, 11)]
