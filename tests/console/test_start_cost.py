from __future__ import annotations

import subprocess
import sys

HEAVY = ("nicegui", "socketio", "authlib", "joserfc")


def test_the_command_line_and_the_public_app_load_nothing_of_the_console_s_libraries() -> None:
    code = f"import sys, api.cli, api.cli.ask, api.app; print([n for n in {HEAVY} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
