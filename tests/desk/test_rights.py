"""Nobody without a role gets into any desk: each public method asks for its right before anything else."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import api.desk
from api.accounts.roles import Actor, Forbidden

NOBODY = Actor("nobody", frozenset())


def desks() -> Iterator[type[Any]]:
    for found in pkgutil.iter_modules(api.desk.__path__):
        module = importlib.import_module(f"api.desk.{found.name}")
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if name.endswith("Desk") and kind.__module__ == module.__name__:
                yield kind


def calls() -> list[Any]:
    return [
        pytest.param(desk, name, id=f"{desk.__name__}.{name}")
        for desk in desks()
        for name, _ in inspect.getmembers(desk, inspect.isfunction)
        if not name.startswith("_")
    ]


def test_there_are_desks_to_look_at() -> None:
    assert len(calls()) > 100


@pytest.mark.parametrize(("desk", "name"), calls())
def test_a_call_without_a_right_is_refused_before_it_does_anything(desk: type[Any], name: str) -> None:
    made = desk.__new__(desk)  # nothing but the actor is there: whatever else a call touched would fail
    made._actor = NOBODY
    method = getattr(made, name)
    needed = [each for each in inspect.signature(method).parameters.values() if each.default is each.empty]
    given = [None for each in needed if each.kind is each.POSITIONAL_OR_KEYWORD]
    named = {each.name: None for each in needed if each.kind is each.KEYWORD_ONLY}
    with pytest.raises(Forbidden):
        method(*given, **named)
