"""The scripts that are put together from the widget's parts."""

from __future__ import annotations

from api.web.bundle import card_script, widget_script


def test_the_preview_draws_a_message_with_the_widgets_own_code() -> None:
    widget, card = widget_script().content.decode(), card_script().content.decode()
    drawing = widget[widget.index("/* ---- messages ---- */") : widget.index("/* ---- element ---- */")]
    assert drawing.strip() in card
    assert 'customElements.define("lvxiaoyu-card"' in card
    assert "class LvxiaoyuChat" not in card
    assert card_script().etag != widget_script().etag


def test_the_preview_inserts_no_markup() -> None:
    card = card_script().content.decode()
    assert not any(way in card for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"))
