"""Markdown: marks go, words stay, a line is a line."""

from __future__ import annotations

import pytest

from knowledge.reading import SetAside, read_source

TEXT = """---
title: 通知
---
# 关于**家电**的通知 #

一、*补贴*标准 ~~旧~~
-----
- 冰箱：`15%`，见[细则](https://example.org/a_b)
* [x] 空调
> 引用的话
1. 甲\\*乙 &amp; 丙 3*4*5 a_b_c
- 1 -
***
<!-- 注释 --><br>换行
| 品类 | 上限 |
|:---|---:|
| 冰箱 | 1500元<br>每件 |
二、流程[^1]
[^1]: 脚注的话
[细则]: https://example.org
```
代码 **原样**
```
"""


def test_markdown_loses_its_marks_and_nothing_else() -> None:
    source = read_source(TEXT.encode(), "a.md")
    assert source.kind == "markdown"
    assert [line for line in source.text.split("\n") if line] == [
        "关于家电的通知",
        "一、补贴标准 旧",
        "冰箱：15%，见细则",
        "空调",
        "引用的话",
        "1. 甲*乙 & 丙 345 a_b_c",
        "- 1 -",
        "换行",
        "品类\t上限",
        "冰箱\t1500元 每件",
        "二、流程",
        "代码 **原样**",
    ]
    assert source.furniture == (SetAside("文件头信息", "title: 通知"), SetAside("脚注", "脚注的话"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("# 甲\n\n## 乙\n内容", "markdown"),
        ("|甲|乙|\n|---|---|\n|丙|丁|", "markdown"),
        ("一、甲\n# 只有一处\n二、乙", "txt"),
        ("（一）甲 * 乙 * 丙", "txt"),
    ],
)
def test_a_text_file_that_is_markdown_is_known_by_its_marks(text: str, kind: str) -> None:
    assert read_source(text.encode(), "a.txt").kind == kind
