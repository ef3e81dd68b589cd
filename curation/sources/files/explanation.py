"""Why a file is read in its form: the scores of every dialect over its first records, and the keys that decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from curation.sources.dialects import NO_POSTS, dialect_scores, find_dialect
from curation.sources.files.json_paths import path_text
from curation.sources.files.json_recognition import JsonFile
from curation.sources.files.recognition import Recognised

#: Records that are scored, and keys that are named.
_SAMPLED, _NAMED = 20, 12
#: Keys of JSON that a map may name.
_COLUMNS = 300


def explain_recognition(recognised: Recognised) -> dict[str, Any]:
    """The form of a file and what shows it, for `--explain-format`."""
    facts: dict[str, Any] = {
        "file": str(recognised.file.path),
        "format": recognised.format,
        "what": recognised.doc,
        "scores": {},
        "told_by": [],
    }
    if recognised.json_file:
        facts |= _of_json(recognised.json_file)
    elif recognised.table:
        names, fields = recognised.table.names, recognised.table.fields
        facts["told_by"] = [names[column] for column in fields.values()]
        facts |= {"columns": [*names], "fields": {field: names[column] for field, column in fields.items()}}
    return facts


def _of_json(file: JsonFile) -> dict[str, Any]:
    name, records = file.format.name, file.sample
    scores = dialect_scores([record for record, _ in records], [around for _, around in records])
    total = max(1, len(records))
    plain = find_dialect(name).plain_names
    keys = file.format.context.keys
    columns = list(dict.fromkeys(key for record, _ in records for key in record))[:_COLUMNS]
    return {
        "layout": file.plan.layout,
        "paths": [path_text(path) for path in file.plan.paths],
        "records_looked_at": len(records),
        "scores": {n: round(score / total, 2) for n, score in sorted(scores.items(), key=lambda scored: -scored[1])},
        "told_by": [f"{field} = {key}" for field, key in keys.items()] if plain else list(_telling(file)),
        "not_posts": {n: NO_POSTS[n] for n in scores if n in NO_POSTS},
        "html": file.html,
        "not_read": list(file.unread),
        **({"columns": columns, "fields": dict(keys)} if plain else {}),
    }


def _telling(file: JsonFile) -> Iterator[str]:
    """The keys that suffice for the score of the first records; those of most records first."""
    dialect = find_dialect(file.format.name)
    counts: dict[str, int] = {}
    for record, around in file.sample[:_SAMPLED]:
        left, whole = dict(record), dialect.score(record, around)
        for key in list(record) if whole else ():
            fewer = {k: v for k, v in left.items() if k != key}
            if dialect.score(fewer, around) >= whole:
                left = fewer
            else:
                counts[key] = counts.get(key, 0) + 1
    yield from sorted(counts, key=lambda key: -counts[key])[:_NAMED]


def sentences(facts: dict[str, Any]) -> Iterator[str]:
    """The explanation of one file, line by line."""
    if "error" in facts:
        yield facts["error"] if facts["file"] in facts["error"] else f"{facts['file']}: {facts['error']}"
        return
    yield f"{facts['file']}: {facts['what']}."
    if facts.get("scores"):
        scores = ", ".join(f"{name} {score:.2f}" for name, score in facts["scores"].items())
        looked = facts["records_looked_at"]
        yield f"  Scores over {looked:,} record{'s' if looked != 1 else ''}: {scores}."
    if facts.get("told_by"):
        yield f"  Told by: {', '.join(facts['told_by'])}."
    if facts.get("not_read"):
        yield f"  Looks like posts and is not read: {', '.join(facts['not_read'])}."
