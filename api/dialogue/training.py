"""Trains the dialogue model when, and only when, something it is made of has changed.

Owns the fingerprint of a model's sources and the model files named by it. It must not know how the model is
served.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from api.dialogue.environment import rasa_environment
from api.dialogue.errors import TrainingFailed

SOURCES = ("config.yml", "bot/domain", "bot/data", "bot/rasa_ext/gate.py", "intents")
KEPT_MODELS = 2
TRAINING_TIMEOUT_S = 900.0

Progress = Callable[[str], None]


def fingerprint(root: Path, python: Path) -> str:
    """Sixteen hex digits over every source of the model and the version of Rasa that reads them."""
    digest = hashlib.sha256(rasa_version(python).encode())
    for path in _source_files(root):
        digest.update(f"\0{path.relative_to(root).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def rasa_version(python: Path) -> str:
    """Read from the environment's folder: starting its Python only for that would cost a second."""
    found = sorted(python.parent.parent.glob("lib/python3.*/site-packages/rasa-[0-9]*.dist-info"))
    return found[-1].name.removeprefix("rasa-").removesuffix(".dist-info") if found else "unknown"


def model_path(root: Path, models_dir: Path, python: Path) -> Path:
    """Where the model of the present sources stands, or will."""
    return models_dir / f"dialogue-{fingerprint(root, python)}.tar.gz"


def ensure_model(
    root: Path,
    models_dir: Path,
    *,
    python: Path,
    log_file: Path,
    progress: Progress | None = None,
    timeout_s: float = TRAINING_TIMEOUT_S,
) -> Path:
    """The model of the present sources, trained first if there is none. Blocks; one training at a time.

    Raises `TrainingFailed`, naming the log, where Rasa cannot be started, fails or takes longer than
    `timeout_s`.
    """
    model = model_path(root, models_dir, python)
    if model.is_file():
        return model
    models_dir.mkdir(parents=True, exist_ok=True)
    with _only_one(models_dir):
        if not model.is_file():
            _train(
                root,
                model,
                python=python,
                log_file=log_file,
                say=progress or (lambda _: None),
                timeout_s=timeout_s,
            )
            _forget_old_models(models_dir, keep=model)
    return model


def _train(root: Path, model: Path, *, python: Path, log_file: Path, say: Progress, timeout_s: float) -> None:
    log_file.parent.mkdir(parents=True, exist_ok=True)
    workshop = model.parent / f".training-{os.getpid()}"
    workshop.mkdir(exist_ok=True)
    command = [
        str(python), "-m", "rasa", "train", "--config", "config.yml", "--domain", "bot/domain",
        "--data", "bot/data", "intents", "--out", str(workshop), "--fixed-model-name", "trained",
    ]  # fmt: skip
    say("Training the dialogue model")
    started = time.monotonic()
    try:
        with log_file.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603
                command,
                cwd=root,
                env=rasa_environment(workshop),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            _follow(process, log_file, say, started, timeout_s)
        trained = workshop / "trained.tar.gz"
        if process.returncode != 0 or not trained.is_file():
            raise TrainingFailed(log_file, f"exit status {process.returncode}")
        trained.replace(model)
    except OSError as error:
        raise TrainingFailed(log_file, f"{command[0]}: {error.strerror}") from error
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    say(f"Dialogue model trained in {time.monotonic() - started:.0f} s")


def _follow(
    process: subprocess.Popen[bytes], log_file: Path, say: Progress, started: float, timeout_s: float
) -> None:
    """Tells which component is being trained until the process ends."""
    told = ""
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.5)
                return
            if time.monotonic() - started > timeout_s:
                raise TrainingFailed(log_file, f"no model after {timeout_s:.0f} s")
            component = _component_in_training(log_file)
            if component and component != told:
                told = component
                say(f"Training {component}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _component_in_training(log_file: Path) -> str:
    marker = "Starting to train component '"
    lines = [line for line in log_file.read_text("utf-8", "replace").splitlines() if marker in line]
    return lines[-1].split(marker)[1].split("'")[0] if lines else ""


def _source_files(root: Path) -> list[Path]:
    files: list[Path] = []
    for source in SOURCES:
        path = root / source
        files += [path] if path.is_file() else path.rglob("*")
    return sorted(path for path in files if path.suffix in {".yml", ".yaml", ".py"})


@contextlib.contextmanager
def _only_one(models_dir: Path) -> Iterator[None]:
    with (models_dir / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _forget_old_models(models_dir: Path, *, keep: Path) -> None:
    models = sorted(models_dir.glob("dialogue-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in [path for path in models if path != keep][KEPT_MODELS - 1 :]:
        old.unlink(missing_ok=True)
