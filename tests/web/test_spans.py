from hypothesis import given
from hypothesis import strategies as st

from api.web.spans import Piece, Span, parse_span, pieces


def test_a_span_names_a_clause_and_code_points():
    assert parse_span("2.6:12-40") == Span("2.6", 12, 40)
    assert parse_span("annex.task-1:0-8") == Span("annex.task-1", 0, 8)
    assert parse_span(":3-9") == Span("", 3, 9)
    assert parse_span("3-9") == Span("", 3, 9)


def test_what_is_no_span_is_none():
    for value in (
        None,
        "",
        "2.6",
        "2.6:12",
        "2.6:a-b",
        "2.6:-1-4",
        "2.6:１-２",
        "<b>:1-2",
        "2.6:1-2-3",
        "x" * 99,
    ):
        assert parse_span(value) is None


def test_a_span_fits_only_words_of_its_text():
    assert Span("1", 0, 3).fits("一二三")
    for span in (Span("1", 0, 4), Span("1", 2, 2), Span("1", 3, 1), Span("1", 9, 12)):
        assert not span.fits("一二三")


def test_marking_counts_code_points_and_not_utf16_units():
    text = "𠮷野家🌱绿色"
    assert pieces(text, Span("1", 3, 5)) == (Piece("𠮷野家"), Piece("🌱绿", True), Piece("色"))


def test_a_mark_goes_on_over_the_edge_of_the_heading():
    text = "（六）交通。到2025年"
    span = Span("2.6", 3, 8)
    assert pieces(text, span, end=6) == (Piece("（六）"), Piece("交通。", True))
    assert pieces(text, span, start=6) == (Piece("到2", True), Piece("025年"))


@given(st.text(max_size=30), st.integers(0, 40), st.integers(0, 40), st.integers(0, 30))
def test_pieces_give_every_character_once(text: str, start: int, end: int, cut: int):
    span = Span("1", min(start, end), max(start, end))
    cut = min(cut, len(text))
    both = pieces(text, span, end=cut) + pieces(text, span, start=cut)
    assert "".join(piece.text for piece in both) == text
    marked = "".join(piece.text for piece in both if piece.marked)
    assert marked == text[span.start : span.end]
