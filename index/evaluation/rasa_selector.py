"""Trains Rasa's ResponseSelector on a small project and asks it; runs under the dialogue's own Python.

    python rasa_selector.py PROJECT

Reads `config.yml`, `nlu.yml`, `domain.yml` and `questions.json` (a list) of the folder PROJECT; writes
`offers.json`: for each question the response key that the selector puts first and its confidence. Must not
import anything of this project: it is run as a file, in another environment.
"""

import asyncio
import json
import sys
from pathlib import Path

from rasa.core.agent import Agent
from rasa.model_training import train_nlu


def main(project: str) -> None:
    folder = Path(project)
    model = train_nlu(
        str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder / "models"),
        domain=str(folder / "domain.yml"),
    )  # fmt: skip
    questions = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    offers = asyncio.run(ask(Agent.load(model), questions))
    (folder / "offers.json").write_text(json.dumps(offers), encoding="utf-8")


async def ask(agent: Agent, questions: list[str]) -> list[tuple[str, float]]:
    offers = []
    for question in questions:
        parsed = await agent.parse_message(question)
        response = parsed["response_selector"]["default"]["response"]
        offers.append((response["intent_response_key"] or "", response["confidence"]))
    return offers


if __name__ == "__main__":
    main(sys.argv[1])
