"""A process killed in the middle of an import: the next one goes on, and nothing is there by halves."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from api.migrations import upgrade
from api.services import Services
from knowledge.errors import Conflict, InvalidContent
from knowledge.importing import ImportJob
from knowledge.parsing import parse
from knowledge.store import create_engine_for
from knowledge.store.draft_tables import DraftRow
from tests.desk.document_world import make_services

TEXT = "示例方案\n示发〔2026〕5号\n" + "".join(
    f"{n}.任务{n}。到2027年，完成第{n}项，鼓励居民参与。\n" for n in range(1, 301)
)
CHILD = """
import sys
from pathlib import Path
from knowledge.importing import ImportJobs
from knowledge.store import create_engine_for
from tests.desk.document_world import make_services

folder, job_id, stop_at = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
services = make_services(create_engine_for(f"sqlite:///{folder / 'lvxiaoyu.db'}"), folder)


def wait():
    print("there", flush=True)
    sys.stdin.read()


advance, finish = ImportJobs.advance, ImportJobs.finish


def watched(self, job, state, progress, **values):
    after = advance(self, job, state, progress, **values)
    if state == stop_at:
        wait()
    return after


def last(self, job, **values):
    if stop_at == "finishing":
        wait()
    return finish(self, job, **values)


ImportJobs.advance, ImportJobs.finish = watched, last
services.importing.run_now(job_id)
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    address = f"sqlite:///{tmp_path / 'lvxiaoyu.db'}"
    upgrade(address)
    engine = create_engine_for(address)
    yield engine
    engine.dispose()


@pytest.fixture
def services(engine: Engine, tmp_path: Path) -> Services:
    return make_services(engine, tmp_path)


@pytest.fixture
def kill_at(tmp_path: Path) -> Callable[[ImportJob, str], None]:
    """Runs a job in a process of its own and kills it when it has come to a step."""

    def kill(job: ImportJob, step: str) -> None:
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path), job.id, step],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        assert child.stdout is not None
        assert child.stdin is not None
        try:
            assert child.stdout.readline() == "there\n"
            os.kill(child.pid, signal.SIGKILL)
        finally:
            child.kill()
            child.wait(timeout=30)
            child.stdin.close()
            child.stdout.close()
        assert child.returncode == -signal.SIGKILL

    return kill


def drafts(engine: Engine) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(DraftRow)) or 0


@pytest.mark.parametrize(
    ("step", "drafted"), [("reading", 0), ("parsing", 0), ("saving", 0), ("finishing", 1)]
)
def test_an_import_goes_on_after_a_kill_and_is_whole(
    services: Services,
    engine: Engine,
    tmp_path: Path,
    kill_at: Callable[[ImportJob, str], None],
    step: str,
    drafted: int,
) -> None:
    job = services.importing.jobs.add(TEXT.encode(), name="plan.txt", by="editor")
    kill_at(job, step)
    assert services.importing.jobs.job(job.id).is_open
    assert drafts(engine) == drafted, "there is a whole draft or none"
    (left,) = services.importing.jobs.open_jobs()
    services.importing.jobs.sweep()
    done = services.importing.run_now(left.id)
    assert (done.state, done.document_id, done.attempts, done.error) == ("done", "doc-2026-5", 2, None)
    (draft,) = services.editing.drafts(kind="document")
    assert len(draft.content["clauses"]) == len(parse(TEXT, "doc-2026-5").clauses)
    assert draft.content["text"] == TEXT.rstrip("\n") or draft.content["text"] == TEXT
    assert list((tmp_path / "imports").glob("*")) == []
    assert services.importing.jobs.open_jobs() == []


def test_a_file_that_kills_the_process_again_and_again_is_given_up(
    services: Services, engine: Engine, tmp_path: Path, kill_at: Callable[[ImportJob, str], None]
) -> None:
    job = services.importing.jobs.add(TEXT.encode(), name="plan.txt", by="editor")
    for _ in range(3):
        kill_at(job, "parsing")
    after = services.importing.run_now(job.id)
    assert after.state == "failed"
    assert after.error is not None
    assert "服务中断了3次" in after.error
    assert drafts(engine) == 0
    assert list((tmp_path / "imports").glob("*")) == []


def test_the_process_that_starts_next_takes_up_what_was_left(services: Services, engine: Engine) -> None:
    job = services.importing.jobs.add(TEXT.encode(), name="plan.txt", by="editor")
    done = threading.Event()
    finish = services.importing.jobs.finish

    def told(*args: object, **values: object) -> ImportJob:
        after = finish(*args, **values)  # type: ignore[arg-type]
        done.set()
        return after

    services.importing.jobs.finish = told  # type: ignore[method-assign]
    assert services.importing.resume() == 1
    assert done.wait(timeout=60)
    assert services.importing.jobs.job(job.id).state == "done"


def test_what_was_uploaded_is_gone_and_says_so(services: Services, tmp_path: Path) -> None:
    job = services.importing.jobs.add(TEXT.encode(), name="plan.txt", by="editor")
    (tmp_path / "imports" / f"{job.id}.upload").unlink()
    after = services.importing.run_now(job.id)
    assert (after.state, after.error) == ("failed", "导入时用的原文件已经不在了，请重新上传“plan.txt”。")


def test_a_full_disk_is_said_and_leaves_no_job(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InvalidContent, match="磁盘已满"):
        services.importing.jobs.add(TEXT.encode(), name="plan.txt", by="editor")
    assert services.importing.jobs.jobs() == []
    assert list((tmp_path / "imports").glob("*")) == []


def test_an_upload_without_its_row_is_swept_away(services: Services, tmp_path: Path) -> None:
    job = services.importing.jobs.add(TEXT.encode(), name="plan.txt", by="editor")
    orphan = tmp_path / "imports" / "orphan.upload"
    orphan.write_bytes(b"x")
    assert services.importing.jobs.sweep() == 1
    assert [path.stem for path in (tmp_path / "imports").glob("*")] == [job.id]


def test_a_cancelled_job_stops_and_saves_nothing(services: Services, engine: Engine) -> None:
    job = services.importing.jobs.add(TEXT.encode(), name="plan.txt", by="editor")
    begun = services.importing.jobs.begin(job.id)
    assert begun is not None
    cancelled = services.importing.jobs.cancel(job.id, by="editor")
    assert (cancelled.state, cancelled.error) == ("cancelled", "已取消导入“plan.txt”。")
    with pytest.raises(Conflict):
        services.importing.jobs.advance(begun, "parsing", 60)
    assert services.importing.run_now(job.id).state == "cancelled"
    assert drafts(engine) == 0
    with pytest.raises(Conflict, match="已经结束"):
        services.importing.jobs.cancel(job.id, by="editor")


def test_two_processes_on_one_job_make_one_document(services: Services, engine: Engine) -> None:
    job = services.importing.jobs.add(TEXT.encode(), name="plan.txt", by="editor")
    first = services.importing.jobs.begin(job.id)
    second = services.importing.jobs.begin(job.id)
    assert first is not None
    assert second is not None
    with pytest.raises(Conflict):
        services.importing.jobs.advance(first, "reading", 2)
    services.importing.jobs.advance(second, "reading", 2)
