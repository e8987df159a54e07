"""Twelve invented subjects, each a clause with an approved question and its wordings, and what none answers."""

from __future__ import annotations

from index.training.samples import Answerable, Choosing, Unanswerable
from knowledge.model import Knowledge
from tests.index import tiny

_TOPICS = (
    ("路灯更换", "老旧路灯三年内换成节能灯具。", "旧路灯换不换？", "路灯换节能灯没", "路灯好久换节能的", "街边老灯换不换", "节能路灯三年换完吗"),
    ("雨水收集", "新建公园收集雨水用于浇灌花木。", "公园雨水拿来干啥？", "雨水收集浇花吗", "公园收不收雨水", "下雨的水能浇树不", "新公园雨水浇灌"),
    ("屋顶光伏", "支持学校在屋顶安装光伏板。", "学校屋顶能装光伏吗？", "光伏板装在学校楼顶", "学校装太阳能板", "屋顶光伏支持学校不", "教学楼顶装光伏"),
    ("垃圾分类", "小区设置厨余垃圾专用桶。", "小区有没有厨余桶？", "厨余垃圾丢哪种桶", "剩菜倒专用桶吗", "小区厨余垃圾桶", "专用桶装厨余"),
    ("公交优先", "早晚高峰设置公交专用道。", "高峰有公交专用道吗？", "公交专用道早晚高峰", "公交车道高峰设不设", "专用道给公交", "早高峰公交专道"),
    ("步行绿道", "沿江建设步行绿道二十公里。", "沿江绿道多长？", "步行绿道建好长", "江边步道建不建", "沿江步行道", "绿道二十公里在江边"),
    ("旧书流转", "图书馆设立旧书交换角。", "旧书在图书馆能换吗？", "图书馆旧书交换", "旧书交换角设在图书馆", "看完的书能换不", "换旧书图书馆"),
    ("纸张节约", "机关办公提倡双面打印。", "办公打印要双面吗？", "双面打印提倡不", "机关打印用双面", "打印省纸双面", "办公室双面打印"),
    ("绿色酒店", "酒店不主动提供一次性牙刷。", "酒店还给一次性牙刷吗？", "住酒店牙刷要自带吗", "一次性牙刷酒店给不给", "酒店牙刷不主动提供", "宾馆牙刷"),
    ("农膜回收", "农户交回废旧农膜换取新膜。", "废农膜可以换新膜吗？", "旧农膜交回换新", "农膜回收换新膜", "地膜废了交回", "农户交废膜"),
    ("电池投放", "社区设置废旧电池回收箱。", "废电池丢哪个箱？", "社区电池回收箱", "旧电池回收箱设在社区", "干电池丢社区回收箱", "废旧电池箱"),
    ("节水器具", "新建住宅安装节水马桶。", "新房要装节水马桶吗？", "节水马桶新建住宅装", "住宅装不装节水马桶", "马桶要节水的不", "新住宅马桶节水"),
)  # fmt: skip

UNANSWERABLE = tuple(
    Unanswerable(question, subject)
    for question, subject in (
        ("路灯坏了罚款多少钱", "路灯"), ("公园门票多少钱", "公园"), ("光伏板哪家牌子好", "光伏"),
        ("垃圾清运工资多少", "垃圾"), ("公交月票怎么办理", "公交"), ("绿道附近哪家面馆好吃", "绿道"),
        ("图书馆几点关门", "图书馆"), ("打印机卡纸啷个修", "打印"), ("酒店房价好多", "酒店"),
        ("农药打多少合适", "农膜"), ("今天下雨不", ""), ("马桶堵了找哪个电话", "马桶"),
    )
)  # fmt: skip
CHOOSING = Choosing(
    answerable=tuple(
        Answerable(question, frozenset({clause}))
        for question, clause in (
            ("老路灯要换成节能灯具吗", "plan#1"), ("新建公园的雨水收集来浇花木", "plan#2"),
            ("学校楼顶装光伏板", "plan#3"), ("厨余垃圾倒进专用桶", "plan#4"), ("高峰期公交专用道", "plan#5"),
            ("江边的绿道有二十公里吗", "plan#6"), ("去图书馆交换旧书", "plan#7"), ("机关提倡双面打印", "plan#8"),
            ("酒店一次性牙刷主动提供吗", "plan#9"), ("废旧农膜换新膜", "plan#10"),
        )
    ),
    unanswerable=tuple(
        Unanswerable(question)
        for question in (
            "路灯多少瓦", "公园几点开门", "光伏板一块多少钱", "专用桶在哪里买", "公交车坐几路", "绿道电话是多少",
            "图书馆有哪些小说", "打印一张多少钱", "酒店哪家便宜", "农膜什么颜色好", "电池几号的好", "马桶怎么通",
        )
    ),
)  # fmt: skip


def knowledge() -> Knowledge:
    clauses = tuple(
        tiny.clause(str(number), heading, sentence)
        for number, (heading, sentence, *_) in enumerate(_TOPICS, 1)
    )
    entries = tuple(
        tiny.entry(f"topic-{of.path}", of, sentence, *questions)
        for of, (_, sentence, *questions) in zip(clauses, _TOPICS, strict=True)
    )
    return tiny.knowledge(clauses=clauses, entries=entries, programmes=())
