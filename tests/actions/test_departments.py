"""Short and long names of departments, derived from the names that the clauses give."""

from __future__ import annotations

import pytest

from actions.departments import Departments
from index.text import normalise
from knowledge.content_loader import load_shipped

KNOWN = load_shipped()
NAMES = sorted({name for clause in KNOWN.clauses for name in clause.departments})


@pytest.fixture(scope="module")
def departments() -> Departments:
    return Departments(NAMES, KNOWN.lexicon.synonyms)


def named(departments: Departments, text: str) -> list[tuple[str, ...]]:
    return [mention.names for mention in departments.named_in(normalise(text))]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "各有关部门"])
def test_every_department_is_found_by_its_own_name(departments: Departments, name: str) -> None:
    (found,) = named(departments, f"{name}负责哪些")
    assert name in found


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("商务委", "市商务委"),
        ("商务局", "市商务委"),
        ("教委", "市教委"),
        ("发改委", "市发展改革委"),
        ("发展和改革委员会", "市发展改革委"),
        ("城管局", "市城市管理局"),
        ("交通局", "市交通局"),
        ("住建委", "市住房城乡建委"),
        ("建委", "市住房城乡建委"),
        ("重庆市住房和城乡建设委员会", "市住房城乡建委"),
        ("经信委", "市经济信息委"),
        ("市监局", "市市场监管局"),
        ("市场监督管理局", "市市场监管局"),
        ("自然资源局", "市规划自然资源局"),
        ("网信办", "市委网信办"),
        ("环保局", "市生态环境局"),
        ("市税务局", "重庆市税务局"),
    ],
)
def test_residents_shorten_and_officials_spell_out(departments: Departments, said: str, meant: str) -> None:
    assert named(departments, f"{said}管哪几样") == [(meant,)]


def test_two_spellings_of_one_department_are_one(departments: Departments) -> None:
    assert named(departments, "机关事务局") == [("市机关事务局", "市机关事务管理局")]


def test_several_departments_are_named_in_order(departments: Departments) -> None:
    assert named(departments, "教委和商务委") == [("市教委",), ("市商务委",)]


@pytest.mark.parametrize(
    "text",
    ["管理局", "监管局", "居委会", "业委会", "合作社", "渝北区商务委", "商务部", "哪些部门负责", "全部"],
)
def test_what_could_be_another_or_none_names_no_department(departments: Departments, text: str) -> None:
    assert named(departments, text) == []


def test_the_rules_hold_for_names_never_seen() -> None:
    other = Departments(["市园林绿化局", "市体育运动委"], {"体委": ("体育运动委",)})
    assert named(other, "绿化局、体委、园绿局") == [("市园林绿化局",), ("市体育运动委",), ("市园林绿化局",)]
