"""What a question insists on, and what a passage holds.

A sentence on the right subject is still a false answer when the question asks for an amount, an
address or a procedure that it doesn't give. The patterns live here, apart from any score, so that
they can be read, tested and argued about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# What residents ask for, by the words they use (after normalisation: simplified, half width).
_ASKS = {
    "money": r"(好多|多少|几多)(个)?(钱|元|块|费)|几(元|块|百|千|万)|[补罚赔退领](贴|款|助)?(的)?(是)?(好多|多少|几)(?!次|台|件|个|天|年|人)"
    r"|(补贴|罚款|奖励|优惠|额度|金额|标准|便宜|费用|价格|电价|单价|押金)(是|有|要|能|给|可以|大概)*(好多|多少|几|咋算|啷个算|怎么算)"
    r"|贵不贵|要钱|收钱|收费不|免费|一度|多少钱|好多钱|什么价|啥子价|啥价|报价|值(好多|多少)|封顶",
    "number": r"好多|多少|几(个|家|座|台|次|件|成|吨|公里|平|辆|项|种|条)|百分之|比例|占比|几成|达到(好多|多少)|目标值|指标",
    "address": r"地址|在哪(?!个部门|些方面)|哪(里|点|儿|个地方|块|边)(有|能|可以|去|买|办|丢|收|找|领|交|卖|捐|投|换|登记|申)|去哪|上哪|到哪|往哪|丢哪|扔哪|网点|门店|地点|位置|导航|最近的|附近|怎么走|啷个走|哪条(路|街)"
    r"|哪(里|点|儿)\s*[?？]?$|哪个(店|商场|站|街道|点位)",
    "phone": r"电话|号码|热线|联系方式|打哪个|客服|微信号|联系谁|怎么联系|二维码|公众号|网址|官网",
    "procedure": r"(咋|啷个|怎么|怎样|如何)(个)?(申请|申领|办|领|注册|登记|查|操作|报名|下载|绑定|填|提交|预约|投诉|举报|报销|退|弄|激活|开通|认证|提现|兑换)"
    r"|流程|步骤|手续|材料|资料|入口|小程序|app|下载|注册|登录|链接|网站|平台在哪|需要带|要带|发票|哪些证|补办|表格|系统",
    "date": r"好久|什么时候|啥时候|啥子时候|多久|几号|几月|几点|截止|到期|哪天|哪年|何时|期限|多长时间|几天|营业时间|上班时间|多少天|好多天",
    "personal": r"我家|我的|我(是|在|有|买|上个月|去年|昨天|前年)|帮我(查|看|算|办)|查(一下|下|询)|进度|到账|审核|没通过|被拒|资格|符不符合|算不算|能不能享受|名下",
    "result": r"达到没|达标没|完成没|实现没|做到没|建成没|修好没|现在(有|是|到)(好多|多少)|目前(有|是)|完成(得|了)(怎么样|好多|多少)|实际|截至|落实没|到底(有没有|达到)",
    "compare": r"相差|差(好多|多少)|哪个(更|划算|好|便宜|省)|区别|对比|比较|划算|推荐(哪|一款|个)|牌子|哪款|什么牌",
}
ASKS = tuple(_ASKS)
_ASKS_PATTERNS = {name: re.compile(pattern) for name, pattern in _ASKS.items()}

_HOLDS_PATTERNS = {
    "money": re.compile(
        r"\d[\d,.]*\s*(万|千|百|亿)?元|[一二三四五六七八九十百千万]+元|\d+(\.\d+)?%|免征|减半|全额|不收取|免费"
    ),
    "number": re.compile(r"\d|百分之|[一二三四五六七八九十两]+(个|家|座|项|类|种|次|件|台|辆|年|级|天|日)"),
    "address": re.compile(r"(路|街|大道|巷)\d+号|地址|http|网点[为:：]|窗口"),
    "phone": re.compile(r"(?<!\d)(\d{3,4}-)?\d{7,8}(?!\d)|(?<!\d)1\d{10}(?!\d)|12345|http"),
    "procedure": re.compile(r"申请|申报|提交|领取|登记|办理|注册|出具|签订|协调|凭|资料|注销"),
    "date": re.compile(
        r"\d{4}年|\d+月|\d+日|\d+个?(工作日|小时|天)|\d+:\d+|\d+时|\d{4}-\d{2}|持续推进|每年|当天|次月"
    ),
}
YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?![\d.])")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a normalised question insists on."""

    kinds: frozenset[str]
    years: frozenset[str]
    numbers: frozenset[str]


def asked(question: str) -> Asked:
    """`question` is normalised text."""
    kinds = frozenset(name for name, pattern in _ASKS_PATTERNS.items() if pattern.search(question))
    years = frozenset(YEAR.findall(question))
    return Asked(kinds, years, frozenset(NUMBER.findall(question)) - years)


def holds(kind: str, passage: str) -> bool:
    """Whether a normalised passage holds anything of the kind asked for; False for unknown kinds."""
    pattern = _HOLDS_PATTERNS.get(kind)
    return bool(pattern and pattern.search(passage))
