"""Importing: what it would do, what is wrong with it, and that it does everything or nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from knowledge.content_loader import read_content
from knowledge.editing import Draft, DraftConflict, Editing, RowChanged
from knowledge.errors import UnknownRow
from knowledge.exchange import (
    ImportPlan,
    ImportRefused,
    carry_out,
    content_files,
    entries_csv,
    entries_xlsx,
    next_id,
    plan,
    read_files,
    read_folder,
    read_import,
    with_drafts,
    zipped,
)
from knowledge.store import load_published
from tests.knowledge.editing.conftest import Lines

Current = Callable[..., dict[str, Any]]


def _planned(editing: Editing, data: bytes, name: str) -> ImportPlan:
    return plan(read_import(data, name), editing.stock())


def _counts(found: ImportPlan) -> tuple[int, ...]:
    lists = (found.new, found.changed, found.unchanged, found.conflicts, found.skipped, found.problems)
    return tuple(map(len, lists))


def _csv(*rows: str, header: str = "编号,问题,其他问法,引文,约束力") -> bytes:
    return "\n".join((header, *rows)).encode()


@pytest.mark.parametrize("write", [entries_csv, entries_xlsx])
def test_what_was_exported_changes_nothing(editing: Editing, write: Callable[..., bytes]) -> None:
    name = "t.csv" if write is entries_csv else "t.xlsx"
    found = _planned(editing, write(editing.content().entries), name)
    assert _counts(found) == (0, 0, 3, 0, 0, 0)
    assert carry_out(editing, found, by="li") == []


def test_a_whole_export_changes_nothing_and_comes_back_from_an_archive(editing: Editing) -> None:
    data = zipped(content_files(editing.content()))
    assert _counts(_planned(editing, data, "all.zip")) == (0, 0, 8, 0, 0, 0)


def test_rows_become_drafts(editing: Editing, engine: Engine, journal: Lines) -> None:
    data = _csv(
        "ride-01,哪里可以停单车？,单车停哪儿,【xx-2026-1#1.2】公园周边设置自行车停放点。,工作安排",
        "ride-02,自行车道要建多长？,,【xx-2026-1#1.1】到2027年建成自行车道一百公里。,工作目标",
        ",多久有一处停放点？,,【xx-2026-1#1.2】每五百米一处。,工作安排",
    )
    found = _planned(editing, data, "t.csv")
    assert _counts(found) == (1, 1, 1, 0, 0, 0)
    assert [(item.row_id, item.title) for item in found.new] == [("xx-2026-1-1.2-01", "多久有一处停放点？")]
    assert [(c.field, c.before, c.after) for c in found.changed[0].changes] == [
        ("question", "哪里可以停自行车？", "哪里可以停单车？"),
        ("variants", ["单车停哪儿", "自行车停放点在哪"], ["单车停哪儿"]),
    ]
    assert (editing.drafts(), journal.kept) == ([], [])  # planning changes nothing
    drafts = carry_out(editing, found, by="li", note="从表格导入")
    assert [(draft.row_id, draft.state, draft.author, draft.note) for draft in drafts] == [
        ("xx-2026-1-1.2-01", "draft", "li", "从表格导入"),
        ("ride-01", "draft", "li", "从表格导入"),
    ]
    # What the table has no column for stays.
    assert (drafts[1].content["tags"], drafts[1].content["programmes"]) == (["居民"], ["bike-service"])
    assert editing.problems(drafts[0]) == []
    with Session(engine) as session:
        assert load_published(session).entry_by_id["ride-01"].question == "哪里可以停自行车？"
    assert [line[1] for line in journal.kept] == ["draft.saved", "draft.saved"]
    assert _counts(_planned(editing, data, "t.csv"))[2:4] == (2, 0)  # the drafts say the same


def test_every_problem_is_told_at_its_row_and_nothing_is_imported(editing: Editing) -> None:
    data = _csv(
        "ride-01,改过的问题？,,【xx-2026-1#1.2】公园周边设置自行车停放点。,工作安排",
        "Bad Id,乙？,,【xx-2026-1#9.9】没有这一条。,工作安排",
        "c-01,丙？,自行车道要建多长,【xx-2026-1#1.2】不在那里的话。,工作安排",
        "c-01,丁？,,,",
        "d-01,戊？,,,必须",
        ",己？,,,",
        ",自行车道要建多长？,,【xx-2026-1#1.1】到2027年建成自行车道一百公里。,",
    )
    found = _planned(editing, data, "表.csv")
    assert [str(problem) for problem in found.problems] == [
        "表.csv 第3行“编号”：问答 Bad Id：编号只能用小写字母、数字、点和连字符，最多48个字符。",
        "表.csv 第3行“引文”：问答 Bad Id：引用的 xx-2026-1#9.9 不存在，请改正条款编号。",
        "表.csv 第4行“引文”：问答 c-01：引文“不在那里的话。”在 xx-2026-1#1.2 里已经没有了，请打开该条款，从现在的文字里重新原样复制，或撤回这条问答。",
        "表.csv 第4行“其他问法”：问答 ride-02：问法“自行车道要建多长？”已属于 c-01（“自行车道要建多长”），请从其中一处删去。",
        "表.csv 第5行：编号 c-01 在第4行已经用过，请改掉一个。",
        "表.csv 第6行“约束力”：“必须”不对，请从这些里选一个：可以享受、应当遵守、价格标准、工作目标、鼓励倡导、工作安排。",
        "表.csv 第7行：没有编号，也没有引文可以据此编号，请写上编号。",
        "表.csv 第8行：“自行车道要建多长？”已是 ride-02 的问题，请在编号一列写 ride-02，或改问题。",
    ]
    assert not found.ready
    with pytest.raises(ImportRefused) as caught:
        carry_out(editing, found, by="li")
    assert str(caught.value).startswith("有8处需要改正，什么都没有导入：\n表.csv 第3行“编号”")
    assert editing.drafts() == []


def test_a_draft_of_somebody_else_is_never_overwritten(editing: Editing, current: Current) -> None:
    editing.save(kind="entry", row_id="ride-01", content=current("entry", "ride-01", plain="甲"), by="wang")
    row = "ride-01,改过的问题？,,【xx-2026-1#1.2】公园周边设置自行车停放点。,工作安排"
    found = _planned(editing, _csv(row), "t.csv")
    assert [item.draft.author for item in found.conflicts if item.draft] == ["wang"]
    with pytest.raises(ImportRefused) as caught:
        carry_out(editing, found, by="li")
    assert str(caught.value) == (
        "t.csv 第2行：问答 ride-01已有草稿，wang在11-21 15:04改过，这次导入会与它冲突。"
        "请先处理那份草稿，或从表里去掉这一行。"
    )


def test_what_changed_since_the_dry_run_stops_everything(
    editing: Editing, current: Current, engine: Engine
) -> None:
    rows = (
        "ride-02,自行车道建多长？,,【xx-2026-1#1.1】到2027年建成自行车道一百公里。,工作目标",
        "ride-01,改过的问题？,,【xx-2026-1#1.2】公园周边设置自行车停放点。,工作安排",
    )
    found = _planned(editing, _csv(*rows), "t.csv")
    with Session(engine) as session:
        editing.withdraw(session, kind="entry", row_id="ride-01", by="wang", reason="说错了")
        session.commit()
    with pytest.raises(RowChanged, match="问答 ride-01在草稿开始之后又有改动：wang在"):
        carry_out(editing, found, by="li")
    assert editing.drafts() == []
    again = _planned(editing, _csv(*rows), "t.csv")
    editing.save(kind="entry", row_id="ride-01", content=current("entry", "ride-01", plain="甲"), by="wang")
    with pytest.raises(DraftConflict, match="已经有草稿：wang在"):
        carry_out(editing, again, by="li")
    assert [draft.row_id for draft in editing.drafts()] == ["ride-01"]


NEW = {
    "policies/xx-2026-2.yml": "id: xx-2026-2\ntitle: 节水办法\nissuers: [某区水务局]\nissued_on: 2026-11-01\nregion: 某区\n",
    "policies/xx-2026-2.txt": "节水办法\n一、总则\n（一）节水。全区节约用水。\n",
    "faq/xx-2026-2.yml": (
        "- id: water-01\n  question: 要节约用水吗？\n  quotes:\n  - {clause: xx-2026-2#1.1, text: 全区节约用水。}\n"
        "  force: work_plan\n  tags: [农户]\n"
    ),
    "lexicon.yml": "audiences: {农户: [农民]}\n",
}


def test_a_document_its_questions_and_its_words_come_in_together(
    editing: Editing, engine: Engine, publish: Callable[..., None]
) -> None:
    files = {name: text.encode() for name, text in NEW.items()}
    found = plan(read_files(files), editing.stock())
    assert _counts(found) == (3, 0, 0, 0, 0, 0)
    drafts = carry_out(editing, found, by="li")
    assert sorted(draft.kind for draft in drafts) == ["document", "entry", "lexicon"]
    drafts = [editing.submit(draft.id, by="li", revision=draft.revision) for draft in drafts]
    publish(*(editing.approve(draft.id, by="wang", revision=draft.revision) for draft in drafts))
    with Session(engine) as session:
        stored = load_published(session)
    assert stored.entry_by_id["water-01"].quotes[0].text == "全区节约用水。"
    assert _counts(plan(read_files(files), editing.stock())) == (0, 0, 3, 0, 0, 0)


def test_a_repository_and_a_console_feed_each_other(
    editing: Editing,
    current: Current,
    small: Path,
    tmp_path: Path,
    approved: Callable[..., Draft],
    publish: Callable[..., None],
    engine: Engine,
) -> None:
    publish(
        approved("entry", "ride-01", current("entry", "ride-01", plain="停在公园周边。")),
        approved(
            "programme", "bike-service", current("programme", "bike-service", conditions=["年满十四周岁"])
        ),
    )
    with Session(engine) as session:
        editing.withdraw(session, kind="entry", row_id="ride-02", by="wang", reason="过时")
        session.commit()
        fingerprint = load_published(session).fingerprint
    for name, data in content_files(editing.content(), like=small).items():
        (small / name).write_bytes(data)
    assert read_content(small).published().fingerprint == fingerprint
    assert _counts(plan(read_folder(small), editing.stock())) == (0, 0, 8, 0, 0, 0)
    faq = small / "faq" / "xx-2026-1.yml"
    faq.write_text(
        faq.read_text(encoding="utf-8").replace("停在公园周边。", "公园旁边就能停。"), encoding="utf-8"
    )
    found = plan(read_folder(small), editing.stock())
    assert [(item.row_id, item.changes[0].after) for item in found.changed] == [
        ("ride-01", "公园旁边就能停。")
    ]


def test_a_withdrawal_in_a_file_becomes_a_proposal_to_withdraw(editing: Editing) -> None:
    text = content_files(editing.content())["faq/xx-2026-1.yml"].decode()
    said = text.replace("- id: ride-01\n", "- id: ride-01\n  state: withdrawn\n")
    said += "- id: gone-01\n  state: withdrawn\n  question: 早就没有的？\n  quotes: []\n"
    found = _planned(editing, said.encode(), "faq.yml")
    assert _counts(found) == (0, 1, 1, 0, 1, 0)
    assert [(c.field, c.after) for c in found.changed[0].changes] == [("state", "withdrawn")]
    assert [draft.withdraws for draft in carry_out(editing, found, by="li")] == [True]


def test_a_card_that_ships_as_a_draft_is_proposed_when_it_is_published_in_the_file(
    editing: Editing, small: Path
) -> None:
    text = (small / "programmes" / "bike-service.yml").read_text(encoding="utf-8")
    new = text.replace("bike-service", "bus-service").replace("title: 自行车借用", "title: 公交借用")
    draft = _planned(editing, new.replace("state: published", "state: draft").encode(), "bus.yml")
    assert _counts(draft) == (1, 0, 0, 0, 0, 0)
    assert draft.new[0].proposal.content["state"] == "published"  # what a draft is to become


def _zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


ALIASES = b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]\n"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("t.yml", ALIASES, r"用了 & 或 \* 这样的别名"),
        ("t.yml", b"[" * 100_000, "不是完好的 YAML|内容的形状不对"),
        ("t.yml", b"a: [", "不是完好的 YAML"),
        ("t.yml", b"\xff\xfe\x00", "不是完好的 YAML"),
        ("t.yml", b"!!python/object/apply:os.system [ls]", "不是完好的 YAML"),
        ("t.yml", b"just words", "内容的形状不对"),
        ("t.yml", b"", "内容的形状不对"),
        ("t.yml", b"id: a\nissuers: [b]\n", r"缺少正文文件 a\.txt"),
        ("t.zip", b"PK no", "不是完好的压缩包"),
        ("t.zip", _zip(**{"x/y.exe": b"MZ"}), r"x/y\.exe 不是知识内容里的文件"),
        ("t.zip", _zip(**{"lexicon.yml": b" " * 70_000_000}), "压缩包里的文件太多或太大"),
        ("t.zip", _zip(**{"policies/a.yml": b"id: a\nissuers: [b]\n"}), r"缺少正文文件 policies/a\.txt"),
        ("t.zip", _zip(), "内容的形状不对"),
    ],
)  # fmt: skip
def test_files_that_are_broken_or_hostile_are_refused(name: str, data: bytes, said: str) -> None:
    with pytest.raises(ImportRefused, match=said):
        _sure(data, name)


def _sure(data: bytes, name: str) -> None:
    """Reads a file; the first that is wrong with one of its rows counts as well."""
    if problems := read_import(data, name).problems:
        raise ImportRefused(problems)


def test_wrong_fields_of_a_yaml_file_are_named_with_their_line(editing: Editing) -> None:
    text = "# a comment\n- id: a-01\n  question: 甲？\n  colour: red\n- id: b-01\n  question: [乙]\n- question: 丙？\n"
    assert [str(problem) for problem in _planned(editing, text.encode(), "t.yml").problems] == [
        "t.yml 第2行：没有“colour”这一项，可用的有："
        "also、force、id、plain、programmes、question、quotes、state、tags、valid_from、valid_to、variants。",
        "t.yml 第5行：“问题”应是一段文字，现在是 “['乙']”。",
        "t.yml 第7行：没有编号，也没有引文可以据此编号，请写上编号。",
    ]


def test_ids_are_made_from_the_clause() -> None:
    assert next_id("cq-2022-11#2.6", ["cq-2022-11-2.6-01", "cq-2022-11-2.6-03"]) == "cq-2022-11-2.6-02"
    assert next_id("nev-purchase-tax", []) == "nev-purchase-tax-01"
    assert next_id("cq-2022-11#" + "1." * 40, []) == "cq-2022-11-01"
    assert next_id("文件#1", []) is None


def test_a_selection_takes_a_new_row_from_its_draft(editing: Editing, current: Current) -> None:
    editing.save(kind="entry", row_id="new-01", content={"id": "new-01", "question": "新的？"}, by="li")
    editing.save(kind="entry", row_id="ride-01", content=current("entry", "ride-01", plain="甲"), by="li")
    content = with_drafts(editing.stock(), ["new-01", "ride-01", "bike-service"])
    assert [(item.entry.id, item.state, item.entry.plain) for item in content.entries] == [
        ("new-01", "draft", None),
        ("ride-01", "published", "公园周边有自行车停放点。"),
    ]
    assert [item.programme.id for item in content.programmes] == ["bike-service"]
    with pytest.raises(UnknownRow, match="没有编号为 gone-01 的内容"):
        with_drafts(editing.stock(), ["gone-01"])
