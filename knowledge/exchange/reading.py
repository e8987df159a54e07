"""Which reader a file is for, by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath

from knowledge.exchange.csv_files import read_csv
from knowledge.exchange.model import ImportRefused, Reading, RowProblem
from knowledge.exchange.wording import say
from knowledge.exchange.xlsx_files import read_xlsx
from knowledge.exchange.yaml_reading import read_yaml, read_zip

LARGEST = 20 * 1024 * 1024
"""The largest file that is read, in bytes."""

_READERS: Mapping[str, Callable[[bytes, str], Reading]] = {
    ".xlsx": read_xlsx,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".yml": read_yaml,
    ".yaml": read_yaml,
    ".zip": read_zip,
}


def read_import(data: bytes, name: str) -> Reading:
    """The rows of an uploaded file. Raises ImportRefused where it can't be read at all."""
    if len(data) > LARGEST:
        size, limit = len(data) // 1024 // 1024, LARGEST // 1024 // 1024
        raise ImportRefused([RowProblem(name, None, "", "", say("too_large", size=size, limit=limit))])
    reader = _READERS.get(PurePath(name).suffix.casefold())
    if reader is None:
        raise ImportRefused([RowProblem(name, None, "", "", say("suffix"))])
    return reader(data, name)
