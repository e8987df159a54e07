"""A whole turn over HTTP, one at a time after warm-up, beside an empty request and the way round Rasa.

    python -m bench.turn [--json FILE] [--turns N]

Starts the system on free ports with SQLite stores in `var/bench`, then once more without the dialogue
process: that run's turns are degraded and show what Rasa costs.
"""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from bench.report import Report
from bench.system import running
from index.evaluation.cases import question_sets

WARM_UP = 30
UNLIMITED = "100000/second"


def turns(client: httpx.Client, questions: list[str], per_conversation: int = 5) -> list[float]:
    """Seconds of each turn; a new conversation every few turns."""
    seconds, conversation = [], None
    for number, question in enumerate(questions):
        if number % per_conversation == 0:
            conversation = None
        body = {"message": question} | ({"conversation_id": conversation} if conversation else {})
        started = time.perf_counter()
        reply = client.post("/api/v1/chat", json=body).raise_for_status().json()
        seconds.append(time.perf_counter() - started)
        conversation = reply["conversation_id"]
    return seconds


def main() -> None:
    report = Report(__doc__)
    report.parser.add_argument("--turns", type=int, default=300)
    options = report.parser.parse_args()
    pool = [case.question for _, cases in question_sets(None) for case in cases]
    questions = [pool[number % len(pool)] for number in range(options.turns)]
    data_dir = Path("var/bench")
    with (
        running(data_dir, LVXIAOYU_RATE_LIMIT_LOOPBACK=UNLIMITED) as system,
        httpx.Client(base_url=system.url, timeout=30) as client,
    ):
        report.figure("ready", system.ready_s, "s")
        turns(client, questions[:WARM_UP])
        report.latencies("turn", turns(client, questions))
        floor = []
        for _ in range(100):
            started = time.perf_counter()
            client.get("/healthz").raise_for_status()
            floor.append(time.perf_counter() - started)
        report.latencies("empty_request", floor)
        for name, size in system.memory_bytes().items():
            report.figure(f"memory.{name}", size / 1e6, "MB")
    with (
        running(data_dir, LVXIAOYU_MANAGE_RASA="false", LVXIAOYU_RATE_LIMIT_LOOPBACK=UNLIMITED) as system,
        httpx.Client(base_url=system.url, timeout=30) as client,
    ):
        turns(client, questions[:WARM_UP])
        report.latencies("turn_without_rasa", turns(client, questions))
    report.close(options.json)


if __name__ == "__main__":
    main()
