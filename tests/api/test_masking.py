from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.masking import Masked, mask


def masked(text: str) -> Masked:
    return mask(text, name_of=lambda kind: kind)


@pytest.mark.parametrize(
    ("text", "expected", "kinds"),
    [
        ("我的身份证11010519491231002X能补贴吗", "我的身份证〔identity_card〕能补贴吗", ("identity_card",)),
        ("500101 19900307 1234", "〔identity_card〕", ("identity_card",)),
        ("电话13800138000", "电话〔phone〕", ("phone",)),
        ("+86 138-0013-8000 打给我", "〔phone〕 打给我", ("phone",)),
        ("１３８００１３８０００", "〔phone〕", ("phone",)),
        ("座机023-63897777", "座机〔phone〕", ("phone",)),
        ("卡号6222 0212 3456 7890 128", "卡号〔bank_card〕", ("bank_card",)),
        ("4111111111111111", "〔bank_card〕", ("bank_card",)),
        ("车牌渝A12345和渝AD12345", "车牌〔plate〕和〔plate〕", ("plate",)),
        ("渝A·D1234F", "〔plate〕", ("plate",)),
        ("写信到 zhang.san+1@mail.example.com.cn 。", "写信到 〔email〕 。", ("email",)),
        ("渝B88888的电话15912345678", "〔plate〕的电话〔phone〕", ("phone", "plate")),
        # an identity card: a wrong check digit, small x, apart, called so without a birthday, the old form
        ("110105194912310021", "〔identity_card〕", ("identity_card",)),
        ("11010519491231002 x", "〔identity_card〕", ("identity_card",)),
        ("5001 0119 9003 0712 34", "〔identity_card〕", ("identity_card",)),
        ("身份证号：500101199013451234", "身份证号：〔identity_card〕", ("identity_card",)),
        ("身份证是500101900307123", "身份证是〔identity_card〕", ("identity_card",)),
        ("五零零一零一一九九零零三零七一二三四", "〔identity_card〕", ("identity_card",)),
        # a phone: spoken, mixed, spelled, with signs, other digits, the code, inside a word
        ("一三八零零一三八零零零", "〔phone〕", ("phone",)),
        ("电话是幺三八〇〇幺三八〇〇〇哈", "电话是〔phone〕哈", ("phone",)),
        ("一三八0013八000", "〔phone〕", ("phone",)),
        ("周一13800138000打给我", "周一〔phone〕打给我", ("phone",)),
        ("1 3 8 0 0 1 3 8 0 0 0", "〔phone〕", ("phone",)),
        ("1、3、8、0、0、1、3、8、0、0、0", "〔phone〕", ("phone",)),
        ("138.0013.8000", "〔phone〕", ("phone",)),
        ("138  0013  8000", "〔phone〕", ("phone",)),
        ("138\n0013\n8000", "〔phone〕", ("phone",)),
        ("008613800138000", "〔phone〕", ("phone",)),
        ("８６－１３８００１３８０００", "〔phone〕", ("phone",)),
        ("①③⑧⓪⓪①③⑧⓪⓪⓪", "〔phone〕", ("phone",)),
        ("١٣٨٠٠١٣٨٠٠٠", "〔phone〕", ("phone",)),
        ("tel13800138000me", "tel〔phone〕me", ("phone",)),
        ("微信zhang13800138000", "微信zhang〔phone〕", ("phone",)),
        ("1\u200b3\u200d8\u20600013\u00ad8000", "〔phone〕", ("phone",)),
        ("1\ufe0f\u20e33\ufe0f\u20e38\ufe0f\u20e300138000", "〔phone〕", ("phone",)),
        ("13800138000 13900139000", "〔phone〕 〔phone〕", ("phone",)),
        ("12345 13800138000", "12345 〔phone〕", ("phone",)),
        ("（023）6389 7777", "〔phone〕", ("phone",)),
        # a bank card: beside another number, called so though Luhn fails
        ("4111 1111 1111 1111 123", "〔bank_card〕 123", ("bank_card",)),
        ("20 4111111111111111", "20 〔bank_card〕", ("bank_card",)),
        ("6222021234567890128 13800138000", "〔bank_card〕 〔phone〕", ("bank_card", "phone")),
        ("银行卡号是4111111111111112", "银行卡号是〔bank_card〕", ("bank_card",)),
        # plates and addresses
        ("渝 A 12345", "〔plate〕", ("plate",)),
        ("渝Ａ·Ｄ１２３４５", "〔plate〕", ("plate",)),
        ("渝A\u200bD12345", "〔plate〕", ("plate",)),
        ("渝ad12345能领吗", "〔plate〕能领吗", ("plate",)),
        ("渝A1234学", "〔plate〕", ("plate",)),
        ("ｚｈａｎｇ＠ｑｑ．ｃｏｍ", "〔email〕", ("email",)),
        ("zhang @ qq.com", "〔email〕", ("email",)),
        (
            "我叫张三，110105194912310021，13800138000，渝AD12345，a@b.cn，补贴好多",
            "我叫张三，〔identity_card〕，〔phone〕，〔plate〕，〔email〕，补贴好多",
            ("email", "identity_card", "phone", "plate"),
        ),
    ],
)
def test_personal_numbers_are_replaced(text: str, expected: str, kinds: tuple[str, ...]) -> None:
    result = masked(text)
    assert (result.text, result.kinds) == (expected, kinds)


@pytest.mark.parametrize(
    "text",
    [
        "到2025年新能源车要卖到几成",
        "渝发改规范〔2022〕11号说了什么",
        "渝发改资环〔2020〕1891号",
        "12345热线怎么打，023-12345呢",
        "补贴15000元还是20000元，最高1.5万元",
        "1234567890123456789",
        "4111111111111112",
        "2025-01-01到2026-12-31",
        "最新CRV2024款能以旧换新吗",
        "渝ABCDEF",
        "订单202501011234567890",
        "新能源A级车100000到150000元",
        "我买车花了158000元，发票价158000.00元",
        "96110、12356、12345、110、120哪个管",
        "4008001234和12315",
        "2021 2022 2023 2024这几年的目标",
        "20000、15000、13000元三档",
        "150、2000、3000元",
        "2025-01-01 2026-12-31",
        "第十三、十四、十五条和第二十二条",
        "二〇二五年一月一日到二〇二六年十二月三十一日",
        "15,000,000,000元",
        "192.168.10.100",
        "CQ-2022-11、GB 11643-1999",
        "500101199013451234",
        "500101199003072",
        "买新CRV2024款和新P72024版",
        "渝北区A座1204室",
        "2025年12月31日24时",
        "统一社会信用代码91500000MA5U6X4A1X",
        "13800138元",
    ],
)
def test_what_questions_are_made_of_stays(text: str) -> None:
    assert masked(text) == Masked(text, text, ())


def test_the_rest_is_what_was_said_besides_the_numbers() -> None:
    assert masked("13800138000 旧家电怎么回收").rest.strip() == "旧家电怎么回收"


def test_only_the_number_itself_is_taken_out() -> None:
    assert (
        masked("手机一三八零零一三八零零零，\u200b旧车怎么报废").text == "手机〔phone〕，\u200b旧车怎么报废"
    )


@given(st.text("0123456789 -X渝Aa@.b〔、一三八零\u200b１", max_size=80))
def test_what_was_masked_once_holds_nothing_more_to_mask(text: str) -> None:
    assert masked(masked(text).text).kinds == ()
