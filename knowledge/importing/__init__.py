"""A policy file's way from bytes to a draft document, as a job that survives the end of its process."""

from knowledge.importing.jobs import ImportJob, ImportJobs, ImportRequest, ImportState
from knowledge.importing.naming import free_id, proposed_id, renamed
from knowledge.importing.running import ImportRun

__all__ = [
    "ImportJob",
    "ImportJobs",
    "ImportRequest",
    "ImportRun",
    "ImportState",
    "free_id",
    "proposed_id",
    "renamed",
]
