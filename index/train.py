"""`python -m index.train`: one command for each thing that is learnt."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from index.training import decision_command, encoder_command

COMMANDS = (encoder_command, decision_command)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m index.train", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    options = parser.parse_args(arguments)
    options.run(options)


if __name__ == "__main__":
    main()
