"""Files that hold no policy: each is refused, or read with a word to the person who imports it."""

from pathlib import Path

import pytest

from knowledge.errors import KnowledgeError, UnreadableDocument
from knowledge.parsing import read_text
from tests.knowledge.tree_checks import parse_losslessly


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "文件是空的"),
        (b"  \n\t\n", "文件是空的"),
        ("　\n　".encode(), "只有空白"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "二进制"),
        (b"\xff\xfe\xfd\xff\xff", "既不是 UTF-8 也不是 GB18030"),
        (b"\x01\x02\x03\x04 text", "控制字符"),
    ],
)
def test_a_file_without_text_is_refused_by_name_with_the_remedy(
    tmp_path: Path, data: bytes, reason: str
) -> None:
    path = tmp_path / "policy.txt"
    path.write_bytes(data)
    with pytest.raises(UnreadableDocument, match=reason) as caught:
        read_text(path)
    assert isinstance(caught.value, KnowledgeError)
    assert str(path) in str(caught.value)
    assert "请" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match=r"none\.txt：打不开"):
        read_text(tmp_path / "none.txt")


def test_gb18030_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes("一、总体要求\n节约用水。\n".encode("gb18030"))
    text, warnings = read_text(path)
    assert text == "一、总体要求\n节约用水。\n"
    assert len(warnings) == 1
    assert "GB18030" in warnings[0]


def test_a_mark_and_foreign_line_ends_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "windows.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "一、甲\r\n二、乙\r".encode())
    assert read_text(path) == ("一、甲\n二、乙\n", ())


@pytest.mark.parametrize("text", ["就这么一段话，没有编号。", "第一段。\n第二段。\n第三段没有句号"])
def test_a_text_without_structure_is_one_preamble_with_a_warning(text: str) -> None:
    parsed = parse_losslessly(text)
    assert [clause.path for clause in parsed.clauses] == ["preamble"]
    assert parsed.clauses[0].text == text
    assert len(parsed.warnings) == 1


_SHAPES = {
    "plan": "一、总体要求\n（一）节约。全市节约用水，到2025年下降10%。（市水利局负责）\n二、组织\n（一）领导。加强。\n",
    "one number again and again": "1.甲\n",
    "paragraphs of one article": "第一条　甲。\n" + "乙应当节约。\n",
    "annex headings": "一、甲\n附件\n",
    "table rows": "附件\n\t1.甲\n\t2025年\n\n",
    "page numbers": "页眉\n- 1 -\n正文还没有完\n",
    "one line": "节约用水，",
}


@pytest.mark.parametrize("shape", _SHAPES)
def test_a_long_text_of_one_shape_loses_nothing(shape: str) -> None:
    parsed = parse_losslessly("一、甲\n" + _SHAPES[shape] * (100_000 // len(_SHAPES[shape].encode())))
    assert parsed.clauses[0].text.startswith("一、甲")
