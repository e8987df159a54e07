"""The names of WordprocessingML, transitional and strict alike."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

_WORD = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
}
_OFF = {"0", "false", "off", "none"}


def word(element: etree._Element) -> str:
    """The local name of an element of WordprocessingML; `other:name` for one of another language."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""  # a comment or a processing instruction
    name = etree.QName(tag)
    return name.localname if name.namespace in _WORD else f"other:{name.localname}"


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first element at `path` below `element`."""
    for name in path:
        if element is None:
            return None
        element = next((item for item in element if word(item) == name), None)
    return element


def children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    if element is not None:
        yield from (item for item in element if word(item) == name)


def value(element: etree._Element | None, name: str = "val") -> str | None:
    """The attribute `name`, in whichever of the namespaces it stands."""
    if element is None:
        return None
    for key, text in element.attrib.items():
        if etree.QName(key).localname == name:
            return str(text)
    return None


def number(element: etree._Element | None, name: str = "val") -> int | None:
    text = value(element, name)
    try:
        return int(text) if text is not None else None
    except ValueError:
        return None


def is_on(element: etree._Element | None) -> bool:
    """A switch that is there, and not turned off."""
    return element is not None and (value(element) or "true").lower() not in _OFF
