"""index.text and index.features: the normal form, the words, the tokens."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import text
from index.features import features
from index.text import Segmenter, lexical_tokens, normalise, private_folder, words


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("２０２５年ＮＥＶ", "2025年nev"),
        ("購買綠色產品", "购买绿色产品"),
        ("好多多多多", "好多"),
        ("太贵贵了", "太贵贵了"),
        ("可以吗？？？", "可以吗?"),
        ("真的……", "真的."),
        ("绿 色 消\t费", "绿色消费"),
        ("买 SUV 车", "买 suv 车"),
        ("补贴👍🏻多少🚗", "补贴多少"),
        ("家\u200b电\x00换\ufeff新", "家电换新"),
        ("26 ℃", "26 °c"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_normalise_gives_one_form(written: str, normal: str) -> None:
    assert normalise(written) == normal


@pytest.mark.parametrize("kept", ["1000元", "二〇〇〇年", "aaa级景区", "10000000", "60.1%"])
def test_normalise_never_shortens_numbers_or_grades(kept: str) -> None:
    assert normalise(kept) == kept


@given(st.text(alphabet="绿色好的啊一〇購產后 \t0aＡ?？.…👍\u200b\x07", max_size=30))
def test_a_normal_form_is_its_own_normal_form(written: str) -> None:
    assert normalise(normalise(written)) == normalise(written)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_has_a_normal_form_and_features(written: str) -> None:
    assert "\x00" not in normalise(written)
    assert all(feature.strip() for feature in features(written))
    assert all(token.strip() for token in lexical_tokens(written))


def test_lone_surrogates_are_dropped() -> None:
    assert normalise("绿\ud83d色") == "绿色"


def test_words_are_of_two_characters_or_more_in_search_mode() -> None:
    assert words("新能源車補貼嗎？") == ["能源", "新能源", "补贴"]


def test_lexical_tokens_are_words_numbers_characters_and_bigrams() -> None:
    assert lexical_tokens("补贴8%，5年") == ["补贴", "8%", "5", "补", "贴", "补贴", "年"]


def test_features_are_words_characters_and_bigrams_without_signs() -> None:
    assert features("买空调，A级！") == ["空调", "买", "空", "调", "买空", "空调", "a", "级", "a级"]


def test_added_words_are_found_beside_the_others_and_leave_features_alone(tmp_path: Path) -> None:
    segmenter = Segmenter(tmp_path)
    before = segmenter.words("收荒匠的電話".replace("電話", "电话"))
    segmenter.add(["綠牌車", "打折街", "匠的电"])
    assert segmenter.words("绿牌车") == [*segmenter.cut("绿牌车"), "绿牌车"]
    assert segmenter.words("收荒匠的电话") == [*before, "匠的电"]
    assert segmenter.cut("收荒匠的电话") == before
    assert "打折街" in segmenter.lexical_tokens("去打折街")


def test_words_added_to_the_shared_segmenter_are_found() -> None:
    text.add_words(["浊水溪畔灯"])
    assert "浊水溪畔灯" in words("浊水溪畔灯在哪")
    assert "浊水溪畔灯" not in features("浊水溪畔灯在哪")


def test_the_dictionary_cache_lies_in_a_folder_that_only_its_user_can_open(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "cache"
    Segmenter(folder)
    assert [path.name for path in folder.iterdir()] == ["jieba.cache"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_cache_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(text.CACHE_VARIABLE, str(tmp_path / "here"))
    assert private_folder() == tmp_path / "here"
    monkeypatch.delenv(text.CACHE_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert private_folder() == tmp_path / "lvxiaoyu"


def test_a_cache_folder_that_cannot_be_made_is_replaced_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    folder = private_folder(blocked / "cache")
    assert folder.is_dir()
    assert folder != blocked / "cache"
    assert str(blocked) in caplog.text


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="users are known on POSIX only")
def test_a_cache_folder_of_another_user_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 987_654)
    assert private_folder(tmp_path) != tmp_path


def test_jieba_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    Segmenter(tmp_path)
    assert capfd.readouterr() == ("", "")
