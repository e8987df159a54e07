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
    ],
)
def test_what_questions_are_made_of_stays(text: str) -> None:
    assert masked(text) == Masked(text, text, ())


def test_the_rest_is_what_was_said_besides_the_numbers() -> None:
    assert masked("13800138000 旧家电怎么回收").rest.strip() == "旧家电怎么回收"


@given(st.text("0123456789 -X渝Aa@.b〔", max_size=80))
def test_what_was_masked_once_holds_nothing_more_to_mask(text: str) -> None:
    assert masked(masked(text).text).kinds == ()
