"""A knowledge of three clauses and two programmes, and an encoder that can be computed by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import numpy as np

from index.describing import FEATURES
from index.ranking import Decision, Linear, Network, Ranking
from index.text import normalise
from knowledge.model import (
    Clause,
    Document,
    Entry,
    Knowledge,
    Lexicon,
    Programme,
    Quote,
    Source,
)

DAY = date(2026, 11, 21)


class BigramEncoder:
    """Counts character bigrams in 64 buckets; length 1."""

    dimension = 64
    fingerprint = "bigrams"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            normal = normalise(text)
            for bigram in pairwise(normal):
                row[hashlib.md5("".join(bigram).encode()).digest()[0] % self.dimension] += 1
            row /= np.linalg.norm(row) or 1
        return rows


def ranking(answer_at: float = 0.5) -> Ranking:
    """Orders by the best match; sure of what its words cover."""
    order = Network(FEATURES, [{"best_match": 4.0, "best_covered": 3.0}.get(name, 0.0) for name in FEATURES])
    decision = Decision(Linear(-3.0, {"covered_by_both": 6.0}), asked={}, unmet={})
    return Ranking(order, decision, 0.1, answer_at, answer_at / 2, "bigrams", {})


def document(document_id: str = "plan", **changes: object) -> Document:
    fields: dict[str, object] = {
        "id": document_id,
        "title": "绿色消费试行方案",
        "document_number": "渝试〔2024〕1号",
        "issuers": ("试行委员会",),
        "issued_on": date(2024, 1, 1),
        "region": "重庆",
    }
    return Document(**{**fields, **changes})  # type: ignore[arg-type]


def clause(path: str, heading: str, body: str, document_id: str = "plan") -> Clause:
    text = f"（{path}）{heading}。{body}"
    return Clause(
        id=f"{document_id}#{path}",
        document_id=document_id,
        path=path,
        kind="section",
        label=f"第{path}条{heading}",
        text=text,
        position=int(path),
        marker=f"（{path}）",
        heading=heading,
    )


def entry(entry_id: str, of: Clause, sentence: str, *questions: str) -> Entry:
    start = of.text.index(sentence)
    quote = Quote(of.id, start, start + len(sentence), sentence)
    return Entry(entry_id, questions[0], questions[1:], (quote,))


def programme(programme_id: str, summary: str, **changes: object) -> Programme:
    fields: dict[str, object] = {
        "id": programme_id,
        "title": "冰箱换新补贴",
        "kind": "subsidy",
        "summary": summary,
        "text": summary,
        "amounts": (),
        "conditions": (),
        "how_to_apply": "",
        "region": "重庆",
        "issuer": "试行委员会",
        "document_number": None,
        "sources": (Source("公告", "晚报", "https://example.org/a", "补贴"),),
        "checked_on": date(2026, 11, 1),
        "force": "right",
    }
    return Programme(**{**fields, **changes})  # type: ignore[arg-type]


CLOTHES = clause("1", "衣着消费", "鼓励居民通过慈善组织捐赠旧衣物。规范旧衣回收点布局。")
CARS = clause("2", "交通消费", "到2025年，新能源汽车新车销售量占比达到20%以上。建成综合能源站100座。")
FOOD = clause("3", "食品消费", "鼓励餐饮企业提供小份菜、半份菜。")


def knowledge(**changes: object) -> Knowledge:
    fields: dict[str, object] = {
        "documents": (document(),),
        "clauses": (CLOTHES, CARS, FOOD),
        "entries": (
            entry("clothes", CLOTHES, "鼓励居民通过慈善组织捐赠旧衣物。", "旧衣服可以捐吗？", "不要的衣裳捐给哪个"),
            entry("cars", CARS, "到2025年，新能源汽车新车销售量占比达到20%以上。", "新能源车要占多少？", "电车占好多"),
        ),
        "programmes": (
            programme("fridge", "买冰箱补15%，最多1500元。", valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31)),
        ),
        "lexicon": Lexicon(synonyms={"馆子": ("餐饮企业",)}, items={"冰箱": ("冰柜",)}, districts={"渝北区": ("渝北",)}),
    }  # fmt: skip
    return Knowledge(**{**fields, **changes})  # type: ignore[arg-type]
