"""The staff's side of publishing: every call asks for its right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.accounts.roles import Actor, Forbidden, Role
from api.desk.golden import GoldenDesk
from api.desk.publishing import EmergencyDesk, PublishingDesk
from api.keys import load_keys
from api.publishing.assembling import Publishing
from api.publishing.corrections import Corrections
from api.publishing.provenance import Provenance
from api.services import Services
from api.settings import Settings
from knowledge.errors import KnowledgeError
from knowledge.model import Knowledge
from knowledge.publishing.golden import GoldenQuestion
from knowledge.publishing.golden_proposals import GoldenProposal
from knowledge.publishing.golden_store import GoldenQuestions
from knowledge.publishing.model import Target
from tests.publishing.world import World


class Shelf:
    """The world's live knowledge as the app sees it."""

    warnings = ()

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def snapshot(self) -> str:
        return self._world.index.pointer

    @property
    def knowledge(self) -> Knowledge:
        live = self._world.index.live()
        return self._world.index.withheld.left_of(live.knowledge)


@pytest.fixture
def services(world: World, tmp_path: Path) -> Services:
    journal = world.publisher._core.journal
    services = Services(
        settings=Settings(data_dir=tmp_path),
        keys=load_keys(tmp_path / "secrets"),
        engine=world.engine,
        library=Shelf(world),
        answerer=None,  # type: ignore[arg-type]
        clock=world.clock,
    )
    services.publishing = Publishing(
        world.publisher,
        GoldenQuestions(world.engine, now=world.clock.now, journal=journal),
        Provenance(world.engine),
        Corrections(world.engine, clock=world.clock, journal=journal),
    )
    return services


def actor(role: Role) -> Actor:
    return Actor(role.value, frozenset({role}))


WANTED = GoldenQuestion("", "旧衣服捐给谁？", None)
PROPOSAL = GoldenProposal(1, WANTED, "open", 1, "lin", datetime(2026, 11, 21, tzinfo=UTC), "")
CHANGING: list[tuple[str, Callable[[Services, Actor], Any], set[Role]]] = [
    ("preview", lambda s, a: PublishingDesk(s, a).preview([1]), {Role.reviewer}),
    ("publish", lambda s, a: PublishingDesk(s, a).publish("x"), {Role.reviewer}),
    ("roll_back", lambda s, a: PublishingDesk(s, a).roll_back("x", reason="y"), {Role.reviewer}),
    (
        "propose",
        lambda s, a: GoldenDesk(s, a).propose(text="", expects=None),
        {Role.editor, Role.reviewer},
    ),
    ("agree", lambda s, a: GoldenDesk(s, a).approve(PROPOSAL), {Role.reviewer}),
    ("disagree", lambda s, a: GoldenDesk(s, a).send_back(PROPOSAL, reason="y"), {Role.reviewer}),
    (
        "withdraw",
        lambda s, a: EmergencyDesk(s, a).withdraw(Target("entry", "x"), reason="y"),
        {Role.reviewer, Role.administrator},
    ),
    (
        "review",
        lambda s, a: EmergencyDesk(s, a).review("x", confirm=True),
        {Role.reviewer, Role.administrator},
    ),
]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("call", "allowed"), [(call, allowed) for _, call, allowed in CHANGING])
def test_only_who_has_the_right_gets_as_far_as_being_refused_for_something_else(
    services: Services, role: Role, call: Callable[[Services, Actor], Any], allowed: set[Role]
) -> None:
    with pytest.raises(KnowledgeError if role in allowed else Forbidden):
        call(services, actor(role))


def test_everybody_may_look(services: Services, world: World) -> None:
    desk, emergency = (
        PublishingDesk(services, actor(Role.viewer)),
        EmergencyDesk(services, actor(Role.viewer)),
    )
    draft = world.approved("clothes", plain="可以捐给慈善组织。")
    assert desk.approved() == [draft]
    assert [release.kind for release in desk.history()] == ["start"]
    assert (desk.waiting(), desk.at_work(), desk.live_snapshot()) == ([], None, world.index.pointer)
    assert (emergency.withdrawals(), emergency.corrections()) == ([], [])


def test_a_reviewer_previews_publishes_and_goes_back(services: Services, world: World) -> None:
    desk = PublishingDesk(services, actor(Role.reviewer))
    start = desk.history()[0]
    draft = world.approved("clothes", plain="可以捐给慈善组织。")
    told: list[float] = []
    ready = desk.preview([draft.id], progress=lambda what, share: told.append(share))
    assert told == sorted(told)
    assert desk.publish(ready.id).published_by == "reviewer"
    assert desk.roll_back(start.id, reason="说法有误").snapshot == start.snapshot


@pytest.mark.parametrize(
    ("kind", "words", "found"),
    [
        ("entry", "小份", [("food", 1)]),
        ("clause", "plan#", [("plan#1", 1), ("plan#2", 1)]),
        ("document", "试行", [("plan", 2)]),
        ("programme", "", []),
        ("tag", "", [("居民", 2)]),
        ("item", "冰柜", [("冰箱", 0)]),
    ],
)
def test_what_can_be_taken_back_is_found_by_name_or_id(
    services: Services, kind: Any, words: str, found: list[tuple[str, int]]
) -> None:
    desk = EmergencyDesk(services, actor(Role.administrator))
    assert [(one.target.id, one.entries) for one in desk.find(kind, words)] == found


def test_an_administrator_takes_back_and_a_reviewer_confirms(services: Services, world: World) -> None:
    taking = EmergencyDesk(services, actor(Role.administrator))
    made = taking.withdraw(Target("entry", "food"), reason="错了")
    assert taking.find("entry", "小份") == []
    taking.settle()
    reviewed = EmergencyDesk(services, actor(Role.reviewer)).review(made.id, confirm=True)
    assert (reviewed.state, world.agrees()) == ("confirmed", True)


def test_a_process_without_publishing_says_so(services: Services) -> None:
    services.publishing = None
    with pytest.raises(KnowledgeError, match="控制台"):
        PublishingDesk(services, actor(Role.reviewer))


def test_what_falls_silent_is_named_before_and_after_a_clause_is_taken_back(
    services: Services, world: World
) -> None:
    desk = EmergencyDesk(services, actor(Role.reviewer))
    target = Target("clause", "plan#1")
    before = desk.would_silence(target)
    assert before
    assert {entry.id for entry in before} == {
        entry.id
        for entry in services.knowledge().entries
        if any(quote.clause_id == "plan#1" for quote in entry.quotes)
    }
    made = desk.withdraw(target, reason="数字要核对")
    desk.settle()
    assert desk.would_silence(target) == []
    assert desk.silenced_by(made) == before
    assert world.publisher.withdrawals()[0].active
    other = EmergencyDesk(services, Actor("wang", frozenset({Role.reviewer})))
    other.review(made.id, confirm=True)
    other.review(made.id, confirm=False, note="核对无误")
    other.settle()
    assert desk.would_silence(target) == before


def test_entries_on_a_withdrawn_document_are_named_too(services: Services) -> None:
    desk = EmergencyDesk(services, actor(Role.reviewer))
    before = desk.would_silence(Target("document", "plan"))
    assert len(before) > 1
    made = desk.withdraw(Target("document", "plan"), reason="旧版")
    desk.settle()
    assert desk.silenced_by(made) == before
