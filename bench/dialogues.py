"""Whole conversations held with the running system, beside the same turns each in a conversation of its own.

    python -m bench.dialogues [--json FILE] [--show N] [FILE ...]

A turn that is to be answered is right where the first citation is of a clause that answers it; any other turn
where the reply is of a kind that is due. The baseline shows what remembering the conversation is worth. By
default the project's own dialogues are held, which nothing was learnt from.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from bench.report import Report
from bench.system import running

OWN = Path(__file__).resolve().parents[1] / "tests" / "data" / "dialogues_heldout.yml"
UNLIMITED = "100000/second"
ALLOWED = {
    "abstain": {"abstain", "clarify", "handoff"},
    "refuse": {"refuse", "notice", "abstain", "smalltalk", "handoff"},
    "smalltalk": {"smalltalk", "handoff"},
    "form": {"form", "notice", "handoff"},
    "notice": {"notice"},
    "handoff": {"handoff"},
    "clarify": {"clarify"},
}


@dataclass(frozen=True, slots=True)
class Held:
    """One turn and what became of it; `verdict` is right, wrong, missed or unsafe."""

    dialogue: str
    said: str
    verdict: str
    why: str


def read(path: Path) -> list[dict[str, Any]]:
    """Dialogues of a YAML list or of one JSON object a line."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    listed: list[dict[str, Any]] = yaml.safe_load(text)
    return listed


def hold(url: str, dialogues: Sequence[Mapping[str, Any]], *, apart: bool = False) -> Iterator[Held]:
    """Every turn in order; `apart` gives each turn a conversation of its own."""
    with httpx.Client(base_url=url, timeout=20, trust_env=False) as client:
        for dialogue in dialogues:
            conversation = f"held-{uuid.uuid4().hex}"
            for turn in dialogue["turns"]:
                if apart:
                    conversation = f"held-{uuid.uuid4().hex}"
                body = {"conversation_id": conversation, "message": turn["user"]}
                reply = client.post("/api/v1/chat", json=body).raise_for_status().json()
                verdict, why = judge(turn, reply["messages"])
                yield Held(dialogue["id"], turn["user"], verdict, why)


def judge(turn: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """What the replies to a turn are worth, and why they are not right."""
    main = next((m for m in messages if m["kind"] == "answer"), messages[0])
    due, accepted = turn["expect"], set(turn.get("accept") or ())
    if main["kind"] in accepted - {"answer"}:
        return "right", ""
    if due == "answer" or ("answer" in accepted and main["kind"] == "answer"):
        if main["kind"] != "answer":
            return "missed", f"{main['kind']}: {main['text'][:40]}"
        cited = main["citations"][0]["clause_id"]
        wanted = turn.get("clauses") or [cited]
        return ("right", "") if cited in wanted else ("wrong", f"cites {cited}, due {wanted[0]}")
    if any(message["kind"] in ALLOWED[due] for message in messages):
        return "right", ""
    return ("unsafe" if main["kind"] == "answer" else "missed"), f"{main['kind']}, due {due}"


def figures(held: Sequence[Held]) -> dict[str, float]:
    """Shares of turns by verdict, and of dialogues that are right as a whole."""
    verdicts = Counter(one.verdict for one in held)
    whole: dict[str, bool] = {}
    for one in held:
        whole[one.dialogue] = whole.get(one.dialogue, True) and one.verdict == "right"
    shares = {name: verdicts[name] / len(held) for name in ("right", "wrong", "missed", "unsafe")}
    return {**shares, "whole": sum(whole.values()) / len(whole)}


def main() -> None:
    report = Report(__doc__)
    report.parser.add_argument("files", nargs="*", type=Path, default=[OWN])
    report.parser.add_argument("--show", type=int, default=0, help="print so many turns that are not right")
    options = report.parser.parse_args()
    dialogues = [dialogue for path in options.files for dialogue in read(path)]
    with running(Path("var/bench/dialogues"), LVXIAOYU_RATE_LIMIT_LOOPBACK=UNLIMITED) as system:
        held = list(hold(system.url, dialogues))
        apart = list(hold(system.url, dialogues, apart=True))
    for one in [one for one in held if one.verdict != "right"][: options.show]:
        print(f"# {one.dialogue} [{one.verdict}] {one.said} -- {one.why}")
    for name, value in figures(held).items():
        report.figure(f"dialogues.{name}", value, "share")
    for name, value in figures(apart).items():
        report.figure(f"turns_apart.{name}", value, "share")
    report.close(options.json)


if __name__ == "__main__":
    main()
