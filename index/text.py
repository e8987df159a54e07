"""How a text looks to search: one normal form, its words, its tokens.

Owns normalisation and word segmentation for questions and policy text alike. It must not know what is
searched, with which model, or where the texts come from. What people read is never taken from here:
the normal form is for finding only.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import jieba
from opencc import OpenCC

CACHE_VARIABLE = "LVXIAOYU_CACHE_DIR"

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007\U00020000-\U0003ffff"
_CJK_RUN = re.compile(f"[{CJK}]+")
_RUN = re.compile(f"[{CJK}a-z0-9]+")
_KEPT = re.compile(f"[{CJK}a-z0-9]")
_SPACES = re.compile(r"\s+")
_SPACE_IN_CHINESE = re.compile(f"(?<=[{CJK}]) (?=[{CJK}])")
# Numerals stay as they are: 二〇〇〇年 and 1000元 are not stutters. Letters too: AAA is a grade.
_REPEATED_CHARACTER = re.compile(f"(?![〇零一二三四五六七八九十百千万亿])([{CJK}])\\1{{2,}}")
_REPEATED_SIGN = re.compile(r"([^\w\s])\1+")
_PLAIN = re.compile(f"[{CJK}a-z0-9 ,.?!:;()%]*")
_KEPT_SYMBOLS = "°"
_REMEMBERED = 4096
"""Runs between spaces whose words are kept: a question is read several times over, each time by another part
of the search, and most words of one were said in others before. Cutting is the longest step of reading."""

log = logging.getLogger(__name__)


def normalise(text: str) -> str:
    """The form in which texts are compared.

    Full width becomes half width (NFKC), traditional becomes simplified, letters lower case; control
    characters, emoji and invisible characters go, a sign repeated becomes one, a Chinese character
    said three times or more becomes one ("好多多多" -> "好多"), spaces between Chinese characters go.
    """
    if not _PLAIN.fullmatch(text):
        text = text.translate(_DROPPED)
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text).translate(_DROPPED)
        text = text.lower()
    text = _squeeze(text)
    simplified: str = _simplifier().convert(text)
    return simplified if simplified == text else _squeeze(simplified)


def words(text: str) -> list[str]:
    """The words of two characters or more, of jieba's search mode, and the added words found in it."""
    return _segmenter().words(normalise(text))


def lexical_tokens(text: str) -> list[str]:
    """What BM25 counts: words, numbers, single Chinese characters and their bigrams."""
    return _segmenter().lexical_tokens(normalise(text))


def add_words(new: Iterable[str]) -> None:
    """Let `words` and `lexical_tokens` find these words too, beside the ones jieba cuts.

    They never change how the rest is cut, so that an encoder trained earlier sees the same features.
    """
    _segmenter().add(new)


def prepare(cache_dir: Path | str | None = None) -> None:
    """Load dictionaries now instead of at the first question.

    `cache_dir` is where jieba keeps its parsed dictionary; else the variable LVXIAOYU_CACHE_DIR or the
    user's own cache folder says it. Only the first call decides.
    """
    _simplifier()
    _segmenter(cache_dir).words("预热")


def plain_words(normal: str) -> list[str]:
    """The words of two characters or more of an already normal text, as jieba alone cuts them."""
    return _segmenter().cut(normal)


def kept_runs(normal: str) -> list[str]:
    """The unbroken runs of Chinese characters, letters and digits of an already normal text."""
    return _RUN.findall(normal)


def private_folder(wanted: Path | str | None = None) -> Path:
    """A folder that only this user can write to, made if need be.

    jieba unmarshals its cache, so nobody else may ever have written it: a folder that cannot be made
    private is passed over, with a warning, for a fresh temporary one.
    """
    path = Path(wanted or os.environ.get(CACHE_VARIABLE) or _user_cache())
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
            raise PermissionError(f"{path} belongs to another user")
        path.chmod(0o700)
        if not os.access(path, os.W_OK):
            raise PermissionError(f"{path} is not writable")
    except OSError as error:
        log.warning(
            "cache folder %s cannot be used (%s); set %s to a folder of your own", path, error, CACHE_VARIABLE
        )
        return Path(tempfile.mkdtemp(prefix="lvxiaoyu-"))
    return path


class Segmenter:
    """jieba's own dictionary, plus words that are looked up beside it."""

    def __init__(self, cache_dir: Path | str | None = None) -> None:
        jieba.setLogLevel(logging.WARNING)
        self._jieba = jieba.Tokenizer()
        self._jieba.tmp_dir = str(private_folder(cache_dir))
        self._jieba.initialize()
        self._added: frozenset[str] = frozenset()
        self._lengths: tuple[int, ...] = ()
        self._cut_run = lru_cache(maxsize=_REMEMBERED)(self._cut_by_jieba)
        self._lock = threading.Lock()

    def add(self, new: Iterable[str]) -> None:
        normal = {word for word in map(normalise, new) if len(word) >= 2}
        with self._lock:
            self._added |= normal
            self._lengths = tuple(sorted({len(word) for word in self._added}))

    def cut(self, normal: str) -> list[str]:
        return [word for run in normal.split(" ") for word in self._cut_run(run) if len(word) >= 2]

    def words(self, normal: str) -> list[str]:
        return self._with_added(self.cut(normal), normal)

    def lexical_tokens(self, normal: str) -> list[str]:
        tokens = [
            word
            for run in normal.split(" ")
            for word in self._cut_run(run)
            if len(word) >= 2 or word.isascii()
        ]
        tokens = self._with_added(tokens, normal)
        for run in _CJK_RUN.findall(normal):
            tokens.extend(run)
            tokens.extend(map("".join, pairwise(run)))
        return tokens

    def _cut_by_jieba(self, run: str) -> tuple[str, ...]:
        """jieba never joins what a space parts, so a text's runs are cut one by one."""
        return tuple(word for word in self._jieba.cut_for_search(run) if _KEPT.search(word))

    def _with_added(self, found: list[str], normal: str) -> list[str]:
        added, known = self._added, set(found)
        for size in self._lengths:
            for start in range(len(normal) - size + 1):
                piece = normal[start : start + size]
                if piece in added and piece not in known:
                    found.append(piece)
        return found


class _Dropped(dict[int, int | str | None]):
    """A `str.translate` table that decides on a character when it first meets it."""

    def __missing__(self, code: int) -> int | str | None:
        self[code] = decision = _decide(code)
        return decision


def _decide(code: int) -> int | str | None:
    character = chr(code)
    category = unicodedata.category(character)
    if character.isspace() or category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    if category in {"Cf", "Cs", "Co", "Cn", "Me"} or 0xFE00 <= code <= 0xFE0F or 0x1F3FB <= code <= 0x1F3FF:
        return None
    if category == "So" and unicodedata.normalize("NFKC", character) == character:
        return code if character in _KEPT_SYMBOLS else " "
    return code


_DROPPED = _Dropped()


def _squeeze(text: str) -> str:
    text = _SPACES.sub(" ", text).strip()
    text = _SPACE_IN_CHINESE.sub("", text)
    text = _REPEATED_SIGN.sub(r"\1", text)
    return _REPEATED_CHARACTER.sub(r"\1", text)


def _user_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "lvxiaoyu"


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


_segmenter_lock = threading.Lock()
_segmenter_made: list[Segmenter] = []


def _segmenter(cache_dir: Path | str | None = None) -> Segmenter:
    if not _segmenter_made:
        with _segmenter_lock:
            if not _segmenter_made:
                _segmenter_made.append(Segmenter(cache_dir))
    return _segmenter_made[0]
