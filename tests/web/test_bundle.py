"""The scripts that are put together from the widget's parts."""

from __future__ import annotations

import gzip
import json

from actions.feedback_reasons import feedback_reasons
from api.web.bundle import card_script, english, widget_script, widget_style, wording

BAR_BYTES = 25_000
"""Script and style together, compressed: an old phone on a slow line has them in a second."""


def test_the_preview_draws_a_message_with_the_widgets_own_code() -> None:
    widget, card = widget_script().content.decode(), card_script().content.decode()
    drawing = widget[widget.index("/* ---- messages ---- */") : widget.index("/* ---- reader ---- */")]
    assert drawing.strip() in card
    assert 'customElements.define("lvxiaoyu-card"' in card
    assert "class LvxiaoyuChat" not in card
    assert card_script().etag != widget_script().etag


def test_the_preview_inserts_no_markup() -> None:
    card = card_script().content.decode()
    assert not any(way in card for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"))


def test_script_and_style_together_stay_under_their_bar() -> None:
    script, style = widget_script(), widget_style()
    assert len(script.packed) + len(style.packed) <= BAR_BYTES
    assert gzip.decompress(script.packed) == script.content
    assert gzip.decompress(style.packed) == style.content


def test_both_languages_say_the_same_things() -> None:
    def names(words: object, above: str = "") -> set[str]:
        if not isinstance(words, dict):
            return {above}
        return {name for key, value in words.items() for name in names(value, f"{above}.{key}")}

    chinese, other = json.loads(wording("zh")), json.loads(english().content)
    assert names(chinese) == names(other)


def test_the_reasons_offered_are_those_that_the_service_takes() -> None:
    for lang in ("zh", "en"):
        assert list(json.loads(wording(lang))["reasons"]) == list(feedback_reasons())
    assert json.loads(wording("zh"))["reasons"] == dict(feedback_reasons())
