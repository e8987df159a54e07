"""A publisher that dies: `python -m tests.publishing.dying DATABASE FOLDER WHAT WHERE` does WHAT (publish,
roll_back, withdraw, review) and kills itself, as hard as there is, WHERE."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from knowledge.publishing import withdrawals
from knowledge.publishing.golden import GoldenQuestion
from knowledge.publishing.model import Target
from knowledge.store import create_engine_for
from tests.publishing.world import FileIndex, RealClock, World, open_world


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(world: World, where: str) -> None:
    if where == "before_build":
        world.index.before_build = die
    elif where == "while_building":
        write = Path.write_text

        def half(path: Path, text: str) -> int:
            if path.suffix == ".building":
                write(path, text[: len(text) // 2])
                die()
            return write(path, text)

        Path.write_text = half  # type: ignore[method-assign, assignment]
    elif where == "while_asking":
        world.questions.items = _Deadly(world.questions.items)
    elif where == "in_the_transaction":
        apply = world.editing.apply

        def apply_and_die(*given: object, **more: object) -> None:
            apply(*given, **more)  # type: ignore[arg-type]
            die()

        world.editing.apply = apply_and_die  # type: ignore[method-assign, assignment]
        withdrawals.lift = apply_and_die  # type: ignore[assignment]
    elif where == "before_swap":
        world.index.before_swap = die
    elif where == "after_swap":
        world.index.after_swap = die
    elif where == "before_withholding":
        FileIndex.withhold = lambda *_given: die()  # type: ignore[method-assign, assignment]
    else:
        raise ValueError(where)


class _Deadly(list[GoldenQuestion]):
    """Questions of which the second kills."""

    def __iter__(self):  # type: ignore[no-untyped-def]
        for number, question in enumerate(list.__iter__(self)):
            if number == 1:
                die()
            yield question


def main(address: str, folder: str, what: str, where: str) -> None:
    world = open_world(create_engine_for(address), Path(folder), RealClock())
    draft = world.approved("clothes", plain="可以捐给慈善组织。")
    if what == "publish":
        arm(world, where)
        world.published(draft)
    elif what == "roll_back":
        start = world.publisher.history()[-1]
        world.published(draft)
        arm(world, where)
        world.publisher.roll_back(start.id, by="reviewer", reason="说法有误")
    elif what == "withdraw":
        arm(world, where)
        world.publisher.withdraw_now(Target("entry", "clothes"), by="reviewer", reason="错了")
    raise SystemExit("still alive")


if __name__ == "__main__":
    main(*sys.argv[1:])
