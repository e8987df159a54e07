"""What ships: verbatim quotes, and nothing of a draft where residents could meet it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from knowledge.content_loader import CONTENT, load_shipped, locate
from knowledge.errors import InvalidContent
from knowledge.model import Amount, Knowledge, Lexicon, Quote
from knowledge.shipped import Shipped
from knowledge.validation import validate


def test_the_shipped_content_passes_every_check(shipped: Shipped) -> None:
    assert validate(shipped) == []


def test_every_quote_stands_where_it_says(shipped: Shipped) -> None:
    knowledge = shipped.published()
    texts = {clause.id: clause.text for clause in knowledge.clauses}
    texts |= {programme.id: programme.text for programme in knowledge.programmes}
    assert len(knowledge.entries) > 378
    for entry in knowledge.entries:
        for quote in entry.quotes:
            assert texts[quote.clause_id][quote.start : quote.end] == quote.text


def test_knowledge_survives_its_json(shipped: Shipped) -> None:
    knowledge = shipped.published()
    again = Knowledge.from_json(knowledge.to_json())
    assert again == knowledge
    assert again.fingerprint == knowledge.fingerprint


def test_knowledge_from_before_audiences_and_programmes_still_opens(shipped: Shipped) -> None:
    knowledge = shipped.published()
    raw = json.loads(knowledge.to_json())
    del raw["lexicon"]["audiences"]
    for entry in raw["entries"]:
        del entry["programmes"]
    bare = tuple(replace(entry, programmes=()) for entry in knowledge.entries)
    lexicon = replace(knowledge.lexicon, audiences={})
    assert Knowledge.from_json(json.dumps(raw)) == replace(knowledge, entries=bare, lexicon=lexicon)


def test_every_audience_has_words_of_its_own(shipped: Shipped) -> None:
    audiences = shipped.lexicon.audiences
    assert set(audiences) == {
        "居民", "餐饮", "商场超市", "电商快递", "生产企业", "机关单位", "学校", "社区物业", "农村农户", "酒店景区",
        "平台企业", "回收企业", "汽车经销", "建筑房产", "金融机构", "媒体协会", "区县政府", "交通出行企业", "能源企业",
    }  # fmt: skip
    words = [word for name, others in audiences.items() for word in (name, *others)]
    assert len(words) == len(set(words))
    assert {name for name, others in audiences.items() if not 4 <= len(others) <= 12} == set()


def test_weakly_confirmed_programmes_are_drafts_and_the_others_published(shipped: Shipped) -> None:
    for item in shipped.programmes:
        assert item.state == ("draft" if item.confidence == "weak" else "published"), item.programme.id
    assert len(shipped.programmes) == 25
    assert len(shipped.published().programmes) == 20


def test_nothing_of_a_draft_is_in_the_published_knowledge(shipped: Shipped) -> None:
    drafts = [item for item in shipped.programmes if item.state == "draft"]
    published = shipped.published().to_json()
    assert drafts
    for draft in drafts:
        programme = draft.programme
        words = [programme.id, programme.title, programme.summary, *programme.conditions]
        words += [source.quote for source in draft.checked_against]
        for word in words:
            assert word not in published, f"{programme.id}: {word}"


def test_no_card_shows_an_id_or_what_is_meant_for_editors(shipped: Shipped) -> None:
    ids = [item.programme.id for item in shipped.programmes]
    published = shipped.published().to_json()
    for item in shipped.programmes:
        words = f"{item.programme.title}\n{item.programme.text}"
        assert not [name for name in ids if name in words]
        assert not re.search(r"[a-z]+-[a-z]+-\d{4}", words)
        if item.note:
            assert item.note not in published
        for source in item.checked_against:
            assert source.link_ok is False
            assert source.title not in [shown.title for shown in item.programme.sources]


def test_shown_sources_can_all_be_opened(shipped: Shipped) -> None:
    for programme in shipped.published().programmes:
        for source in programme.sources:
            assert re.match(r"https?://[^/]+/", source.url or ""), source


def test_a_tax_with_two_periods_says_each_with_its_dates(shipped: Shipped) -> None:
    tax = shipped.published().programme_by_id["nev-purchase-tax"]
    assert tax.amounts == (
        Amount("新能源乘用车免征车辆购置税", "1", "30000", "元/辆", date(2024, 1, 1), date(2025, 12, 31)),
        Amount(
            "新能源乘用车减半征收车辆购置税", "0.5", "15000", "元/辆", date(2026, 1, 1), date(2027, 12, 31)
        ),
    )
    assert (tax.valid_from, tax.valid_to) == (date(2024, 1, 1), date(2027, 12, 31))
    lines = tax.text.split("\n")
    assert "2024-01-01至2025-12-31：新能源乘用车免征车辆购置税，减免比例100%，每辆最多30000元。" in lines
    assert "2026-01-01至2027-12-31：新能源乘用车减半征收车辆购置税，减免比例50%，每辆最多15000元。" in lines


def test_a_card_is_written_one_item_a_line(shipped: Shipped) -> None:
    card = shipped.published().programme_by_id["national-digital-2026"]
    assert card.text.split("\n") == [
        "买单件不超过6000元的手机、平板、智能手表（手环）、智能眼镜，按成交价补15%，每件最多500元，每类限1件。",
        "2026-01-01至2026-12-31：4类数码和智能产品（单件售价不超过6000元），补贴比例15%，每件最多500元。",
        "条件：",
        "1. 手机、平板、智能手表（手环）、智能眼镜",
        "2. 单件销售价格不超过6000元",
        "3. 每人每类1件",
        "怎么办理：各地领券规则不同；重庆的领券规则见《重庆2026年家电、数码补贴资格券领取规则》",
    ]


def test_a_fine_says_its_least_and_its_most(shipped: Shipped) -> None:
    fine = shipped.published().programme_by_id["cq-waste-regulation"]
    line = "2022-03-01起：个人多次违反分类投放规定或者有其他严重情节，处100元以上罚款，最多300元。"
    assert line in fine.text.split("\n")


def test_missing_words_and_questions_are_no_fault(shipped: Shipped, content: Path) -> None:
    for name in ("lexicon.yml", "faq/programmes.yml"):
        (content / name).unlink(missing_ok=True)
    knowledge = load_shipped(content)
    of_programmes = yaml.safe_load((CONTENT / "faq" / "programmes.yml").read_text(encoding="utf-8"))
    gone = {item["id"] for item in of_programmes}
    assert knowledge.entries == tuple(entry for entry in shipped.published().entries if entry.id not in gone)
    assert knowledge.lexicon == Lexicon()


def _rewrite(path: Path, change: object) -> None:
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(raw)  # type: ignore[operator]
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")


def test_a_quote_that_is_not_verbatim_stops_the_load(content: Path) -> None:
    def falsify(raw: list[dict]) -> None:
        (entry,) = [each for each in raw if each["id"] == "cq-2022-11-preamble-01"]
        entry["quotes"][0]["text"] = "绿色消费是指少花钱。"

    _rewrite(content / "faq" / "cq-2022-11.yml", falsify)
    with pytest.raises(
        InvalidContent, match=r"cq-2022-11\.yml cq-2022-11-preamble-01: .*少花钱.*word for word"
    ):
        load_shipped(content)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("policies/cq-2022-11.yml", lambda raw: raw.pop("title"), "field 'title' is missing"),
        ("policies/cq-2022-11.yml", lambda raw: raw.update(issued_on="soon"), "'soon' is not a date"),
        ("programmes/cq-12345.yml", lambda raw: raw.update(state="ready"), "state is 'ready'"),
        (
            "programmes/nev-purchase-tax.yml",
            lambda raw: raw["amounts"][0].update(rate="half"),
            "'half' is not a decimal",
        ),
        (
            "faq/cq-2022-11.yml",
            lambda raw: raw[0]["quotes"][0].update(clause="cq-2022-11#9.9"),
            "does not exist",
        ),
        ("faq/cq-2022-11.yml", lambda raw: raw[0].update(tags="居民"), "tags is '居民'; write a list"),
    ],
)
def test_a_broken_file_is_named_with_the_remedy(
    content: Path, name: str, change: object, message: str
) -> None:
    _rewrite(content / name, change)
    with pytest.raises(InvalidContent, match=message) as caught:
        load_shipped(content)
    assert Path(name).name in str(caught.value)


def test_broken_yaml_and_a_missing_folder_are_named(content: Path, tmp_path: Path) -> None:
    (content / "programmes" / "cq-12345.yml").write_text("id: [", encoding="utf-8")
    with pytest.raises(InvalidContent, match=r"cq-12345\.yml: cannot be read as YAML"):
        load_shipped(content)
    with pytest.raises(InvalidContent, match="no such content folder"):
        load_shipped(tmp_path / "nowhere")


def test_an_entry_resting_on_a_draft_is_not_published(content: Path) -> None:
    _rewrite(content / "policies" / "cq-2020-1891.yml", lambda raw: raw.update(state="draft"))
    knowledge = load_shipped(content)
    assert [document.id for document in knowledge.documents] == ["cq-2022-11"]
    assert {quote.clause_id.split("#")[0] for entry in knowledge.entries for quote in entry.quotes} >= {
        "cq-2022-11"
    }
    assert "cq-2020-1891#" not in knowledge.to_json()


def test_locate_gives_code_points() -> None:
    assert locate("a", "节水", {"a": "😀要节水。"}) == Quote("a", 2, 4, "节水")


def _entry(shipped: Shipped, **changes: object):
    items = list(shipped.entries)
    items[0] = replace(items[0], entry=replace(items[0].entry, **changes))
    return replace(shipped, entries=tuple(items))


def test_checks_name_what_is_wrong_with_an_entry(shipped: Shipped) -> None:
    first, second = shipped.entries[0].entry, shipped.entries[1].entry
    moved = replace(first.quotes[0], start=first.quotes[0].start + 1)
    draft = next(item.programme.id for item in shipped.programmes if item.state == "draft")
    gone = Quote("cq-2022-11#2.6", 0, 4, "从没写过")
    cases = [
        ({"quotes": ()}, "没有引文"),
        ({"question": " "}, "没有问题"),
        ({"quotes": (moved,)}, "不在"),
        ({"quotes": (Quote("cq-2022-11#9.9", 0, 1, "x"),)}, "不存在"),
        (
            {"quotes": (gone,)},
            f"问答 {first.id}：引文“从没写过”在 cq-2022-11#2.6 里已经没有了，请打开该条款，从现在的文字里重新原样复制",
        ),
        ({"variants": (second.question,)}, f"已属于 {first.id}"),
        ({"variants": (first.question,)}, "写了两遍"),
        ({"id": second.id}, "编号用了2次"),
        ({"variants": (f"{second.question[:3]} {second.question[3:]}！",)}, f"已属于 {first.id}"),
        ({"force": None}, f"问答 {first.id}：已发布，但没有写明约束力"),
        ({"programmes": ("no-such",)}, f"问答 {first.id}：旁边要展示的项目 no-such 不存在"),
        ({"programmes": (draft,)}, f"问答 {first.id}：已发布，但旁边要展示的项目 {draft} 还没有发布"),
        ({"tags": ("路人",)}, f"问答 {first.id}：对象“路人”不在词表的 audiences 里"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "晚于"),
        ({"valid_to": date(202, 1, 1)}, "不像真实日期"),
    ]
    for changes, message in cases:
        problems = validate(_entry(shipped, **changes))
        assert any(message in problem for problem in problems), (changes, problems)


def test_a_draft_may_lack_its_force_and_point_to_a_draft(shipped: Shipped) -> None:
    programme = next(item.programme.id for item in shipped.programmes if item.state == "draft")
    changed = _entry(shipped, force=None, programmes=(programme,))
    items = (replace(changed.entries[0], state="draft"), *changed.entries[1:])
    assert validate(replace(changed, entries=items)) == []


def test_a_programme_that_is_no_longer_published_is_not_shown_beside_an_answer(shipped: Shipped) -> None:
    changed = _entry(shipped, programmes=("nev-purchase-tax", "cq-12345"))
    rest = tuple(
        replace(item, state="withdrawn") if item.programme.id == "cq-12345" else item
        for item in changed.programmes
    )
    entry = replace(changed, programmes=rest).published().entry_by_id[changed.entries[0].entry.id]
    assert entry.programmes == ("nev-purchase-tax",)


def test_a_withdrawn_entry_gives_its_wordings_free(shipped: Shipped) -> None:
    first = shipped.entries[0]
    twin = replace(first, entry=replace(first.entry, id="twin"))
    entries = (replace(first, state="withdrawn"), *shipped.entries[1:], twin)
    assert validate(replace(shipped, entries=entries)) == []


def test_checks_name_what_is_wrong_with_a_programme(shipped: Shipped) -> None:
    index = next(i for i, item in enumerate(shipped.programmes) if item.programme.id == "nev-purchase-tax")
    item = shipped.programmes[index]
    source = replace(item.programme.sources[0], url=None)
    amount = item.programme.amounts[0]
    cases = [
        ({"sources": (source,)}, "没有可以打开的网址"),
        ({"text": "见 cq-12345"}, "指向了草稿 cq-12345"),
        ({"amounts": (replace(amount, rate="12"),)}, "不是小数"),
        ({"amounts": (replace(amount, unit=None),)}, "正数和单位"),
        ({"amounts": (replace(amount, valid_to=date(2030, 1, 1)),)}, "超出了"),
    ]
    for changes, message in cases:
        programmes = list(shipped.programmes)
        programmes[index] = replace(item, programme=replace(item.programme, **changes))
        problems = validate(replace(shipped, programmes=tuple(programmes)))
        assert any(message in problem for problem in problems), (changes, problems)
