"""A message as one channel shows it to one person, and what is wrong with it for the channels it goes to.

What a channel cannot show becomes words where words can stand for it, and is named in `left_out`. Nothing is
ever cut: a text that is too long is a finding. Knows channels by their declared capabilities alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from campaigns.content import NAMES, OWN_PICTURE, Content, Message, Quiz, Rendered
from campaigns.delivery.senders import Capabilities
from campaigns.errors import InvalidInput
from campaigns.finding import Finding, finding
from campaigns.words import say

NAME = re.compile(r"\{([^{}\n]{0,40})\}")
LETTERS = "ABCD"
LONGEST_NAME = "彭水苗族土家族自治县"
"""The longest district there is: what lengths are reckoned with."""


def names_for(district: str | None) -> dict[str, str]:
    """What stands for each name in a text to somebody of this district, None for the whole city."""
    return {"district": district or say("name_district_none")}


def render(message: Message, channel: str, capabilities: Capabilities, names: Mapping[str, str]) -> Rendered:
    """The channel's version for one person. Raises InvalidInput where there is none, or a name is unknown."""
    content = _filled_in(message.version_for(channel), names)
    words = [content.text]
    left_out: list[str] = []

    def instead(what: str, text: str) -> None:
        words.append(text)
        left_out.append(say(f"left_out_{what}"))

    picture, links, replies = content.picture, content.links, content.quick_replies
    quiz, pledge = content.quiz, content.pledge
    if picture and not capabilities.pictures:
        instead("picture", say("words_picture", alternative=picture.alternative))
        picture = None
    if links and not capabilities.links:
        instead("links", "\n".join(say("words_link", label=each.label, url=each.url) for each in links))
        links = ()
    if quiz and not capabilities.quiz:
        instead("quiz", _quiz_in_words(quiz))
        quiz = None
    if pledge and not capabilities.quick_replies:
        instead("pledge", say("words_pledge", pledge=pledge))
        pledge = None
    if replies and not capabilities.quick_replies:
        instead(
            "quick_replies", say("words_quick_replies", replies=" / ".join(f"“{each}”" for each in replies))
        )
        replies = ()
    return Rendered(
        text="\n\n".join(words),
        picture=picture,
        links=links,
        quick_replies=replies,
        quiz=quiz,
        pledge=pledge,
        clause_ids=message.clause_ids,
        activity_id=message.activity_id,
        left_out=tuple(left_out),
    )


def problems(message: Message, capabilities: Mapping[str, Capabilities]) -> list[Finding]:
    """What must be mended before it can go to these channels: length, links, pictures, names, quiz."""
    found: list[Finding] = []
    for version, content in sorted(message.versions.items()):
        found += _problems_of(version, content)
    broken = {each.where for each in found if each.code == "name_unknown"}
    for channel, able in sorted(capabilities.items()):
        version = channel if channel in message.versions else "default"
        if version not in message.versions:
            found.append(finding("version_missing", where=channel, channel=channel))
        elif version not in broken:
            length = len(render(message, channel, able, names_for(LONGEST_NAME)).text)
            if length > able.longest_text:
                found.append(
                    finding(
                        "text_too_long", where=version, channel=channel, length=length, most=able.longest_text
                    )
                )
    return found


def _problems_of(version: str, content: Content) -> Iterator[Finding]:
    for name in dict.fromkeys(name for text in _texts(content) for name in _unknown(text)):
        known = "、".join(f"{{{each}}}" for each in NAMES)
        yield finding("name_unknown", where=version, name=f"{{{name}}}", known=known)
    for link in content.links:
        if not _is_https(link.url):
            yield finding("link_not_https", where=version, url=link.url)
    if content.picture is not None:
        if not (OWN_PICTURE.fullmatch(content.picture.url) or _is_https(content.picture.url)):
            yield finding("picture_not_https", where=version, url=content.picture.url)
        if not content.picture.alternative.strip():
            yield finding("picture_without_alternative", where=version)
    if content.quiz is not None and not content.quiz.clause_id:
        yield finding("quiz_without_clause", where=version)


def _texts(content: Content) -> Iterator[str]:
    """Everything of it that a person reads."""
    yield content.text
    yield content.pledge or ""
    yield content.picture.alternative if content.picture else ""
    yield from content.quick_replies
    yield from (link.label for link in content.links)
    if content.quiz is not None:
        yield from (content.quiz.question, *content.quiz.options, content.quiz.explanation)


def _unknown(text: str) -> list[str]:
    return [match[1] for match in NAME.finditer(text) if match[1] not in NAMES]


def _filled_in(content: Content, names: Mapping[str, str]) -> Content:
    """The version with every name filled in, wherever it stands."""

    def filled(text: str) -> str:
        return _filled(text, names)

    picture, quiz = content.picture, content.quiz
    return Content(
        text=filled(content.text),
        picture=picture and replace(picture, alternative=filled(picture.alternative)),
        links=tuple(replace(link, label=filled(link.label)) for link in content.links),
        quick_replies=tuple(map(filled, content.quick_replies)),
        quiz=quiz
        and replace(
            quiz,
            question=filled(quiz.question),
            options=tuple(map(filled, quiz.options)),
            explanation=filled(quiz.explanation),
        ),
        pledge=content.pledge and filled(content.pledge),
    )


def _filled(text: str, names: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in NAMES or match[1] not in names:
            known = "、".join(f"{{{each}}}" for each in NAMES)
            raise InvalidInput(say("name_unknown", name=match[0], known=known))
        return names[match[1]]

    return NAME.sub(value, text)


def _quiz_in_words(quiz: Quiz) -> str:
    options = "\n".join(f"{LETTERS[at]}. {option}" for at, option in enumerate(quiz.options))
    return say(
        "words_quiz", question=quiz.question, options=options, right=LETTERS[quiz.right],
        explanation=quiz.explanation,
    )  # fmt: skip


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme == "https" and bool(host) and parts.username is None and not re.search(r"\s", url)
