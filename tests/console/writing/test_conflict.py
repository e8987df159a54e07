"""Whose word stands where two people changed one draft."""

from __future__ import annotations

from api.console.writing.conflict import proposed

BASE = {"question": "问", "plain": "旧话", "tags": ["居民"], "variants": []}


def test_what_only_one_changed_is_theirs_and_what_both_changed_is_asked() -> None:
    mine = {**BASE, "question": "我的问", "plain": "我的话"}
    theirs = {**BASE, "plain": "对方的话", "tags": ["商家"]}
    assert proposed(BASE, mine, theirs) == {"question": "mine", "plain": None, "tags": "theirs"}


def test_what_both_changed_alike_is_not_asked() -> None:
    both = {**BASE, "plain": "同样的话"}
    assert proposed(BASE, both, dict(both)) == {}


def test_empty_and_missing_are_the_same() -> None:
    assert proposed(BASE, {"question": "问", "plain": "旧话", "tags": ["居民"]}, BASE) == {}
