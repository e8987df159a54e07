"""Knowledge in files, out and in: YAML as it ships, XLSX and CSV for entries.

Whatever comes in becomes drafts, all of it or nothing; who may do that is not known here.
"""

from knowledge.exchange.csv_files import entries_csv
from knowledge.exchange.model import ImportPlan, ImportRefused, Incoming, Planned, Reading, RowProblem
from knowledge.exchange.planning import carry_out, plan
from knowledge.exchange.reading import LARGEST, read_import
from knowledge.exchange.row_checks import next_id
from knowledge.exchange.selecting import with_drafts
from knowledge.exchange.xlsx_files import entries_xlsx
from knowledge.exchange.yaml_reading import read_files, read_folder
from knowledge.exchange.yaml_writing import content_files, write_folder, zipped

__all__ = [
    "LARGEST",
    "ImportPlan",
    "ImportRefused",
    "Incoming",
    "Planned",
    "Reading",
    "RowProblem",
    "carry_out",
    "content_files",
    "entries_csv",
    "entries_xlsx",
    "next_id",
    "plan",
    "read_files",
    "read_folder",
    "read_import",
    "with_drafts",
    "write_folder",
    "zipped",
]
