"""Colours that stand on each other keep 4.5:1, and the script keeps to ES2017, without a browser."""

import re
from pathlib import Path

import esprima
import pytest

from api.web.bundle import widget_script

STATIC = Path(__file__).parents[2] / "api" / "web" / "static"
PAIRS = [
    ("--text", "--ground"), ("--text", "--surface"), ("--muted", "--ground"), ("--muted", "--surface"),
    ("--on-green", "--green"), ("--green", "--surface"), ("--green", "--ground"), ("--soft-text", "--soft"),
    ("--warn", "--warn-soft"), ("--mark-text", "--mark"), ("--on-mine", "--mine"), ("--quote", "--surface"),
    ("--error", "--ground"), ("--quote", "--ground"), ("--muted", "--raised"), ("--text", "--soft"),
    ("--blue", "--surface"),
]  # fmt: skip


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", css))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("name", "split", "themes"),
    [
        ("site.css", r"prefers-color-scheme: dark", 2),
        ("widget.css", r"data-theme=", 3),
        ("demonstration.css", r"prefers-color-scheme: dark", 2),
    ],
)
def test_text_is_readable_on_its_ground_in_every_theme(name: str, split: str, themes: int):
    head = (STATIC / name).read_text("utf-8").split("\n* {")[0].split("*, *::before")[0]
    schemes = [colours(part) for part in re.split(split, head)]
    assert len(schemes) == themes
    for scheme in schemes:
        pairs = [pair for pair in PAIRS if pair[0] in scheme and pair[1] in scheme]
        assert len(pairs) >= (5 if name == "demonstration.css" else 9)
        assert {pair: contrast(scheme[pair[0]], scheme[pair[1]]) for pair in pairs if
                contrast(scheme[pair[0]], scheme[pair[1]]) < 4.5} == {}  # fmt: skip


def test_the_widgets_script_parses_as_es2017():
    tree = esprima.parseScript(widget_script().content.decode())
    assert tree.type == "Program"
