"""A handful of texts in the formats of the public training texts."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

TOPICS = ("汽车", "空调", "冰箱", "手机", "自行车", "洗衣机", "电视", "家具")


def write_rows(path: Path, rows: list[dict[str, object]]) -> None:
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write_texts(folder: Path) -> None:
    """The files that the encoder is trained from, a line or two for each topic."""
    folder.mkdir()
    write_rows(
        folder / "laws.jsonl.xz",
        [
            {"title": f"{topic}条例", "text": f"回收{topic}应当登记。销售{topic}应当标明价格。"}
            for topic in TOPICS
        ]
        + [{"title": "短条例", "text": "只有一句话的条文。"}],
    )
    write_rows(
        folder / "news.jsonl.xz",
        [
            {
                "headline": f"{topic}销量上升",
                "paragraphs": [f"今年{topic}卖得更多。</p><p>专家说{topic}更省电了。补贴也来了，大家高兴。"],
            }
            for topic in TOPICS
        ],
    )
    write_rows(
        folder / "stard.jsonl.xz",
        [
            {
                "query_id": number,
                "split": "dev" if number == 0 else "train",
                "query": f"买{topic}要不要给发票？",
                "articles": {f"{topic}法第一条": f"出售{topic}的，应当开具发票。"},
            }
            for number, topic in enumerate(TOPICS)
        ],
    )
    with lzma.open(folder / "atec.tsv.xz", "wt", encoding="utf-8") as file:
        file.write("怎么换手机\t手机如何更换\t1\n怎么换手机\t今天下雨吗\t0\n")
