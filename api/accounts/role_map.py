"""What the roles of an office's own provider mean here, and how a person's are found in a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.accounts.roles import Role


def parse_role_map(text: str) -> dict[str, frozenset[Role]]:
    """Read `kb-editors=editor, kb-leads=reviewer administrator`. Raises ValueError, naming what is wrong."""
    found: dict[str, frozenset[Role]] = {}
    for part in filter(str.strip, text.split(",")):
        theirs, sign, ours = part.partition("=")
        if not sign or not theirs.strip() or not ours.split():
            raise ValueError(f"'{part.strip()}' does not read like theirs=ours")
        unknown = sorted(set(ours.split()) - set(Role))
        if unknown:
            raise ValueError(f"'{unknown[0]}' is no role: use {', '.join(Role)}")
        found[theirs.strip()] = found.get(theirs.strip(), frozenset()) | {Role(name) for name in ours.split()}
    return found


def claim_at(claims: Mapping[str, Any], path: str) -> Any:
    """A claim; a dot leads into an object. The whole path as one name comes first: names may hold dots."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def roles_from(
    claims: Mapping[str, Any], path: str, meaning: Mapping[str, frozenset[Role]]
) -> frozenset[Role]:
    """The roles here of a person whose claim at `path` is a list of names, or names with spaces between."""
    value = claim_at(claims, path)
    names = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
    return frozenset().union(*(meaning.get(name, frozenset()) for name in names if isinstance(name, str)))
