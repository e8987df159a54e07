"""Trains and asks one pipeline for bench/intents.py. Runs on Rasa's Python; the last line is one JSON object.

folds CONFIG FOLDER N   train(CONFIG, all but a fold), ask about the fold
train CONFIG FOLDER     FOLDER/nlu-model.tar.gz of all examples
start MODEL             load it and ask it
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import Any

STARTED = time.perf_counter()
warnings.simplefilter("ignore")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import yaml  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402
from rasa.model_training import train_nlu  # noqa: E402
from sklearn.model_selection import StratifiedKFold  # noqa: E402

from bot.rasa_ext import speedups  # noqa: E402
from bot.rasa_ext.gate import SmallTalkGate  # noqa: E402

QUESTION = "ask_policy"
ASKED = ["旧冰箱哪里回收", "谢谢", "到2025年新能源车要卖到几成", "今天好热", "充电桩怎么装"] * 40


def blocks() -> list[dict[str, Any]]:
    return [
        block
        for path in sorted((ROOT / "intents").glob("*.yml"))
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]
    ]


def train(config: Path, folder: Path, name: str, examples: list[tuple[str, str]]) -> Path:
    """A model of these (example, intent) pairs and of all lookups and synonyms."""
    by_intent: dict[str, list[str]] = {}
    for example, intent in examples:
        by_intent.setdefault(intent, []).append(f"- {example}\n")
    nlu = [{"intent": intent, "examples": "".join(lines)} for intent, lines in by_intent.items()]
    nlu += [block for block in blocks() if "intent" not in block]
    data = folder / f"{name}.yml"
    data.write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True), "utf-8")
    made = train_nlu(str(config), str(data), str(folder), fixed_model_name=f"{name}-model")
    if made is None:
        raise SystemExit(f"Rasa made no model of {data}")
    return Path(made)


def written() -> list[tuple[str, str]]:
    return [
        (line[2:], block["intent"])
        for block in blocks()
        if "intent" in block
        for line in block["examples"].splitlines()
    ]


def f1(intents: list[str], decided: list[str]) -> float:
    """Of small talk, whichever, against questions."""
    both = sum(a != QUESTION and b != QUESTION for a, b in zip(intents, decided, strict=True))
    return 2 * both / (sum(a != QUESTION for a in intents) + sum(b != QUESTION for b in decided))


def folds(config: Path, folder: Path, count: int) -> dict[str, float]:
    examples = written()
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))["pipeline"]
    settings = next(step for step in pipeline if step["name"].endswith("SmallTalkGate"))
    gate = SmallTalkGate({key: value for key, value in settings.items() if key != "name"})
    intents, first, decided = [], [], []
    split = StratifiedKFold(count, shuffle=True, random_state=7)
    for number, (learn, test) in enumerate(split.split(examples, [intent for _, intent in examples])):
        model = train(config, folder, f"fold{number}", [examples[i] for i in learn])
        agent = Agent.load(str(model))
        for i in test:
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", examples[i][0])
            parsed = asyncio.run(agent.parse_message(text))
            found = [entity["entity"] for entity in parsed["entities"]]
            intents.append(examples[i][1])
            first.append(parsed["intent"]["name"])
            decided.append(gate.decide(text, parsed["intent_ranking"], found))

    def accuracy(guessed: list[str]) -> float:
        return sum(a == b for a, b in zip(intents, guessed, strict=True)) / len(intents)

    return {
        "f1": f1(intents, decided),
        "accuracy": accuracy(decided),
        "gate_off.f1": f1(intents, first),
        "gate_off.accuracy": accuracy(first),
    }


def start(model: Path) -> dict[str, float]:
    speedups.install()
    agent = Agent.load(str(model))
    asyncio.run(agent.parse_message(ASKED[0]))
    ready_s = time.perf_counter() - STARTED
    seconds = []
    for text in ASKED:
        began = time.perf_counter()
        asyncio.run(agent.parse_message(text))
        seconds.append(time.perf_counter() - began)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    resident = pages * resource.getpagesize() / 1e6
    return {"start": ready_s, "resident": resident, "p50": statistics.median(seconds) * 1000}


def main() -> None:
    task, rest = sys.argv[1], sys.argv[2:]
    if task == "folds":
        measured = folds(Path(rest[0]), Path(rest[1]), int(rest[2]))
    elif task == "train":
        began = time.perf_counter()
        train(Path(rest[0]), Path(rest[1]), "nlu", written())
        measured = {"training": time.perf_counter() - began}
    else:
        measured = start(Path(rest[0]))
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
