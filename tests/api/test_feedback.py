from __future__ import annotations

import httpx
import pytest
from sqlalchemy import Engine, select

from actions.feedback_reasons import feedback_reasons
from api.feedback import Feedback, UnknownReason
from api.store.tables import feedback
from tests.api.kept import FRIDAY, PHONE, SetClock, talk


def judging(engine: Engine) -> Feedback:
    return Feedback(engine, clock=SetClock())


def opinions(engine: Engine) -> list[dict[str, object]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(feedback)).mappings()]


def opinion(message_id: str, useful: bool, **given: object) -> dict[str, object]:
    missing = {"comment": None, "reason": None, "snapshot": "snap-1"}
    return {"message_id": message_id, "useful": useful, "given_at": FRIDAY, **missing, **given}


def test_a_judgement_is_kept_with_reason_and_snapshot(database: Engine) -> None:
    answer = talk(database, "c")
    assert judging(database).judge(answer, useful=False, reason="outdated", comment="去年的了")
    assert opinions(database) == [opinion(answer, False, reason="outdated", comment="去年的了")]


def test_the_last_judgement_counts(database: Engine) -> None:
    answer = talk(database, "c")
    assert judging(database).judge(answer, useful=False, reason="other", comment="不对")
    assert judging(database).judge(answer, useful=True)
    assert opinions(database) == [opinion(answer, True)]


def test_only_replies_that_are_stored_are_judged(database: Engine) -> None:
    talk(database, "c")
    assert not judging(database).judge("c-m1", useful=True)
    assert not judging(database).judge("nobody", useful=True)
    assert opinions(database) == []


def test_a_number_in_a_comment_is_masked(database: Engine) -> None:
    answer = talk(database, "c")
    assert judging(database).judge(answer, useful=False, comment=f" 打我电话{PHONE} ")
    assert opinions(database) == [opinion(answer, False, comment="打我电话〔电话号码〕")]


def test_a_reply_without_a_snapshot_is_judged_too(database: Engine) -> None:
    reply = talk(database, "c", snapshot=None)
    assert judging(database).judge(reply, useful=True, comment="  ")
    assert opinions(database) == [opinion(reply, True, snapshot=None)]


def test_in_the_dialogue_the_last_answer_is_meant(database: Engine) -> None:
    talk(database, "c", number=1)
    talk(database, "c", number=2, kind="abstain")
    talk(database, "c", number=3, kind="form")
    talk(database, "another", number=4)
    assert judging(database).judge_last("c", useful=False, reason="wrong_clause", comment=f"{PHONE}不对")
    assert opinions(database) == [opinion("c-r2", False, reason="wrong_clause", comment="〔电话号码〕不对")]


def test_without_an_answer_there_is_nothing_to_judge(database: Engine) -> None:
    talk(database, "c", kind="smalltalk")
    assert not judging(database).judge_last("c", useful=True)
    assert not judging(database).judge_last("unknown", useful=True)


def test_a_reason_nobody_offers_is_refused(database: Engine) -> None:
    answer = talk(database, "c")
    with pytest.raises(UnknownReason, match="'ugly' is no reason: use one of wrong_clause, "):
        judging(database).judge(answer, useful=False, reason="ugly")
    assert opinions(database) == []


def test_the_reasons_are_codes_with_words() -> None:
    assert list(feedback_reasons()) == [
        "wrong_clause", "not_my_question", "outdated", "hard_to_understand", "other",
    ]  # fmt: skip
    assert all(feedback_reasons().values())
    assert max(map(len, feedback_reasons())) <= 32


async def told(client: httpx.AsyncClient) -> str:
    response = await client.post("/api/v1/chat", json={"message": "你好", "conversation_id": "c1"})
    return str(response.json()["messages"][0]["id"])


async def test_a_reason_can_be_given_over_http(client: httpx.AsyncClient) -> None:
    body = {"message_id": await told(client), "useful": False, "reason": "outdated", "comment": "旧了"}
    response = await client.post("/api/v1/feedback", json=body)
    assert (response.status_code, response.content) == (204, b"")


async def test_a_wrong_reason_over_http_is_told_those_there_are(client: httpx.AsyncClient) -> None:
    body = {"message_id": await told(client), "useful": False, "reason": "ugly"}
    response = await client.post("/api/v1/feedback", json=body)
    assert response.status_code == 422
    (error,) = response.json()["errors"]
    assert error["field"] == "reason"
    assert "wrong_clause、not_my_question、outdated、hard_to_understand、other" in error["detail"]
