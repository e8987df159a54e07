"""The form of a campaign between the page and the service: what is left empty is left out, and what the
service would refuse for its shape is said in Chinese beside its field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from api.console.campaigning.places import Note
from campaigns.content import LONGEST_TEXT
from campaigns.planning.model import Campaign

Form = dict[str, Any]
NEW_VERSION: Mapping[str, Any] = {
    "text": "", "picture": None, "links": [], "quick_replies": [], "quiz": None, "pledge": None,
}  # fmt: skip


def form_of(campaign: Campaign) -> Form:
    """A campaign as the page edits it: plain lists and tables."""
    form: Form = json.loads(
        json.dumps(
            {
                "title": campaign.title,
                "content": campaign.message.as_json(),
                "audience": campaign.audience.as_json(),
                "schedule": campaign.schedule.as_json(),
            }
        )
    )
    return form


def filled(form: Mapping[str, Any]) -> Form:
    """What is saved of the form: without empty rows, and without parts that nobody filled in."""
    content = form["content"]
    versions = {name: _version(version) for name, version in content["versions"].items()}
    return {
        "title": form["title"].strip(),
        "content": {**content, "versions": versions, "activity_id": content.get("activity_id") or None},
        "audience": dict(form["audience"]),
        "schedule": {name: value for name, value in form["schedule"].items() if name != "zone"},
    }


def faults(form: Mapping[str, Any]) -> list[Note]:
    """What is wrong with the shape of a filled form; with none of these the service takes it."""
    found = []
    if not 0 < len(form["title"]) <= 120:
        found.append(Note("title", "请写标题，1 到 120 个字。"))
    for name, version in form["content"]["versions"].items():
        found += [Note(f"{name}:{part}", text) for part, text in _version_faults(version)]
    return found


def _version(version: Mapping[str, Any]) -> Form:
    picture, quiz = version.get("picture"), version.get("quiz")
    if picture is not None and not (picture["url"].strip() or picture["alternative"].strip()):
        picture = None
    if quiz is not None:
        quiz = _quiz(quiz)
    return {
        "text": version.get("text") or "",
        "picture": picture,
        "links": [
            {"label": link["label"].strip(), "url": link["url"].strip()}
            for link in version.get("links") or ()
            if link["label"].strip() or link["url"].strip()
        ],
        "quick_replies": [words.strip() for words in version.get("quick_replies") or () if words.strip()],
        "quiz": quiz,
        "pledge": (version.get("pledge") or "").strip() or None,
    }


def _quiz(quiz: Mapping[str, Any]) -> Form | None:
    """The right option keeps its place when empty ones before it are left out."""
    kept = [at for at, option in enumerate(quiz["options"]) if option.strip()]
    if not (quiz["question"].strip() or kept or quiz["explanation"].strip() or quiz["clause_id"]):
        return None
    return {
        "question": quiz["question"].strip(),
        "options": [quiz["options"][at].strip() for at in kept],
        "right": kept.index(quiz["right"]) if quiz["right"] in kept else None,
        "explanation": quiz["explanation"].strip(),
        "clause_id": quiz["clause_id"],
    }


def _version_faults(version: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    text, picture, quiz = version["text"], version["picture"], version["quiz"]
    if not text.strip():
        yield "text", "还没有写正文。"
    elif len(text) > LONGEST_TEXT:
        yield "text", f"正文有 {len(text)} 字，最多 {LONGEST_TEXT} 字。"
    if picture is not None and not picture["url"].strip():
        yield "picture", "写了替代文字，但还没有图片。请上传图片或填图片地址，不要图片就清空。"
    for link in version["links"]:
        if not link["label"]:
            yield "links", f"链接 {link['url'][:40]} 还没有写按钮上的字。"
        elif not link["url"]:
            yield "links", f"链接“{link['label']}”还没有填网址。"
    if quiz is not None:
        yield from (("quiz", text) for text in _quiz_faults(quiz))


def _quiz_faults(quiz: Mapping[str, Any]) -> Iterator[str]:
    if not quiz["question"]:
        yield "小测验还没有写题目。"
    if len(quiz["options"]) < 2:
        yield "小测验至少要有两个选项。"
    elif quiz["right"] is None:
        yield "请标出小测验的正确选项。"
    if not quiz["explanation"]:
        yield "小测验还没有写讲解。"
    if not quiz["clause_id"]:
        yield "小测验的讲解没有注明依据哪一条，请选一条条款。"
