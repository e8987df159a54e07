"""Entries whose text a newer one overtook."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from index.encoder import BUILTIN, load_encoder
from index.newer_texts import newer_texts
from knowledge.content_loader import load_shipped
from knowledge.model import Clause, Document, Knowledge
from tests.index import tiny

OLD = tiny.clause("1", "换新补贴", "购买一级能效冰箱，按售价的15%给予补贴，每台最多1500元。")
ENTRY = tiny.entry(
    "fridge-01", OLD, "购买一级能效冰箱，按售价的15%给予补贴，每台最多1500元。", "买冰箱补好多"
)


def known(newer: Clause, issued: date = date(2026, 1, 1), **changes: object) -> Knowledge:
    later: Document = tiny.document("newer", title="新的方案", issued_on=issued)
    return tiny.knowledge(
        documents=(tiny.document(), later),
        clauses=(OLD, newer),
        entries=(replace(ENTRY, **changes),),  # type: ignore[arg-type]
        programmes=(),
    )


def newer(body: str) -> Clause:
    return tiny.clause("4", "换新补贴", body, document_id="newer")


def test_another_number_in_a_newer_document_is_found_with_both_texts() -> None:
    text = "购买一级能效冰箱，按售价的20%给予补贴，每台最多2000元。"
    (found,) = newer_texts(known(newer(text)), tiny.BigramEncoder(), tiny.DAY)
    assert (found.kind, found.first.id, found.first.marked) == ("newer", "fridge-01", ("15%", "1500元"))
    assert found.second is not None
    assert (found.second.id, found.second.text, found.second.marked) == ("newer#4", text, ("20%", "2000元"))
    assert found.said == (
        "引用的是 2024-01-01 的文字（15%、1500元）；2026-01-01 的《新的方案》里有一段很接近的话，写的是20%、2000元。请核对是否已经更新。"
    )


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("购买一级能效冰箱，按售价的15%给予补贴，每台最多1500元。", "the same figures"),
        ("购买一级能效冰箱，按售价的15%给予补贴。", "says less"),
        ("公园每年开放3000小时，门票20%归街道。", "another subject"),
        ("购买一级能效冰箱，鼓励给予补贴。", "no figure"),
    ],
)
def test_what_is_not_newer(body: str, why: str) -> None:
    assert newer_texts(known(newer(body)), tiny.BigramEncoder(), tiny.DAY) == [], why


def test_an_older_document_overtakes_nothing_and_an_entry_that_ended_is_left_alone() -> None:
    text = newer("购买一级能效冰箱，按售价的20%给予补贴，每台最多2000元。")
    assert newer_texts(known(text, issued=date(2020, 1, 1)), tiny.BigramEncoder(), tiny.DAY) == []
    ended = known(text, valid_to=date(2025, 12, 31))
    assert newer_texts(ended, tiny.BigramEncoder(), tiny.DAY) == []


def test_the_shipped_encoder_sees_through_other_words() -> None:
    text = newer("居民购买一级能效的冰箱等家电，可按照售价的20%享受补贴，每台补贴不超过2000元。")
    (found,) = newer_texts(known(text), load_encoder(BUILTIN), tiny.DAY)
    assert found.second is not None
    assert found.second.marked == ("20%", "2000元")


def test_nothing_that_ships_is_overtaken() -> None:
    assert newer_texts(load_shipped(), load_encoder(BUILTIN), tiny.DAY) == []
