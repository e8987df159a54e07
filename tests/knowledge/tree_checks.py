"""What every parsed text must satisfy, whatever it holds."""

from knowledge.parsing import ParsedDocument, parse


def squeeze(text: str) -> str:
    return "".join(text.split())


def parse_losslessly(text: str, document_id: str = "doc") -> ParsedDocument:
    """Parses, and asserts that each character of the text is in one clause or one line of furniture, in order."""
    parsed = parse(text, document_id)
    gone = {item.line for item in parsed.furniture}
    lines = text.split("\n")
    assert [squeeze(item.text) for item in parsed.furniture] == [
        squeeze(lines[line]) for line in sorted(gone)
    ]
    body = squeeze("".join(line for number, line in enumerate(lines) if number not in gone))
    assert squeeze("".join(clause.text for clause in parsed.clauses)) == body
    ids = [clause.id for clause in parsed.clauses]
    assert len(set(ids)) == len(ids)
    assert [clause.position for clause in parsed.clauses] == list(range(len(ids)))
    seen: set[str] = set()
    for clause in parsed.clauses:
        assert clause.id == f"{document_id}#{clause.path}"
        assert clause.parent is None or clause.parent in seen, "a parent stands before its children"
        assert clause.text
        assert clause.label
        seen.add(clause.id)
    return parsed
