"""What a JSON file is: where its posts lie and in which dialect, or why nothing in it can be read and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from curation.errors import DamagedInputError, InputError, NoTextColumnError, UsageError, did_you_mean
from curation.sources.dialects import NO_POSTS, Context, JsonFormat, find_dialect
from curation.sources.dialects.plain import fields_by_key, names_in, platform_of_records
from curation.sources.files.file_options import FileOptions
from curation.sources.files.html_texts import mostly_html
from curation.sources.files.ids_only import HYDRATE, text_share
from curation.sources.files.input_files import InputFile, open_input
from curation.sources.files.json_documents import JsonPlan, has_marks, look_around, plain_values
from curation.sources.files.json_paths import ANY, EACH, Around, Path, path_text, relative, value_of
from curation.sources.files.json_records import Layout, chunks_of, head_lines, layout_of, objects_of
from curation.sources.files.json_sample import JsonSample
from curation.sources.files.json_shape import Candidate, chosen_candidates, ranked_candidates
from curation.sources.files.private import why_unread
from curation.sources.files.text_encoding import TextLines, as_utf8
from curation.sources.records.dates import TimeColumn
from curation.sources.records.line_breaks import LineBreakMark, mark_of

#: Records, lines or elements, by which a file is recognised.
SAMPLE_RECORDS = 200
#: Keys that a message names, levels that are searched for keys, and values.
_NAMED, _DEEPEST, _MOST_VALUES = 12, 12, 20_000
#: Lines to look at where the first one alone is longer than the head of a file.
_LONG_LINES = 2


@dataclass(frozen=True)
class JsonFile:
    """A recognised JSON file."""

    format: JsonFormat
    plan: JsonPlan
    html: bool  # its texts are mostly HTML
    sample: tuple[tuple[dict[str, Any], Around], ...]  # records with the objects around them
    unread: tuple[str, ...]  # paths of other objects that look like posts
    line_breaks: LineBreakMark | None  # what stands for line breaks in texts
    insisted: bool  # the user named the dialect
    others: str | None  # the key that says that these are other people's posts, or were never sent

    @property
    def doc(self) -> str:
        """What the file is, for a notice."""
        kinds = {"texts": "a list of texts", "rows": "rows of cells", "columns": "columns of values"}
        doc = kinds.get(self.plan.kind) or f"JSON in the form '{self.format.name}'"
        where = [name for name in map(path_text, self.plan.paths) if name.strip("[]{}")]
        doc += f", under {' and '.join(where)}" if where else ""
        return doc + (", with HTML in its texts" if self.html else "")


def recognise_json(file: InputFile, head: bytes, text: str, cut: bool, options: FileOptions) -> JsonFile:
    """How to read a JSON file that begins with `text`; `cut` says whether it goes on after that.

    Raises `InputError` for a file without posts, `UsageError` for a key of `--map` that isn't there.
    """
    layout = layout_of(text, cut)
    sample = JsonSample()
    if layout == "lines":
        documents = [held for line in head_lines(text, cut) for held in objects_of(line)][:SAMPLE_RECORDS]
    else:
        with open_input(file) as source:
            sample.read(chunks_of(as_utf8(source.stream, head)), lambda seen: _knows(seen.documents, options.columns))
        documents = sample.documents
    readable = any(isinstance(document, dict) or (isinstance(document, list) and document) for document in documents)
    if not readable or (
        # What can be read of a damaged file may be no document.
        (sample.broken or sample.ended_early) and not ranked_candidates(documents, options.columns.get("text"))
    ):
        layout, documents = "lines", _long_lines(file, head) if cut else []
        if not documents:
            raise _not_json(file, text, sample)
    return recognise_documents(file, documents, options, layout, head)


def _long_lines(file: InputFile, head: bytes) -> list[Any]:
    """The objects of the first lines, which are longer than what a file is usually recognised by."""
    with open_input(file) as source:
        lines = list(islice(TextLines(source.stream, head), _LONG_LINES))
    return [held for line in lines for held in objects_of(line) if isinstance(held, dict)]


def recognise_documents(
    file: InputFile, documents: list[Any], options: FileOptions, layout: Layout = "lines", head: bytes = b""
) -> JsonFile:
    """How to read a file with these first documents; without a `head` they come from another reader.

    Raises as `recognise_json` does.
    """
    form, mapping = options.format, options.columns
    mongo = has_marks(documents[:20])
    if mongo:
        documents = [plain_values(document) for document in documents]
    ranked = ranked_candidates(documents, mapping.get("text"))
    together = chosen_candidates(ranked) or _insisted(documents, form, ranked)
    if not together:
        raise _no_text_key(file, documents, ranked, mapping)
    best = together[0]
    paths = tuple(candidate.path for candidate in together)
    layout, paths = _cheapest(layout, paths, best, several=len(documents) > 1 or not head)
    plan = JsonPlan(layout, paths, best.kind, best.header, mongo)
    if layout == "document" and best.kind == "objects":
        with open_input(file) as source:
            look_around(source, head, plan)
    return _formatted(file, plan, together, options, ranked)


def _formatted(
    file: InputFile, plan: JsonPlan, together: list[Candidate], options: FileOptions, ranked: list[Candidate]
) -> JsonFile:
    """The dialect with what it needs to know of this file."""
    best, insisted = together[0], options.format != "auto"
    name = options.format if insisted else best.name
    assert name  # a candidate has posts only if a dialect recognises it
    records = _records(best)
    mapping = {field: relative(key, best.path) for field, key in options.columns.items()}
    plain = find_dialect(name).plain_names
    keys = (fields_by_key(records) if plain else {}) | mapping
    _check_mapping(file, mapping, records)
    sample = tuple((r, best.around[n] if n < len(best.around) else ()) for n, r in enumerate(records[:SAMPLE_RECORDS]))
    context = Context(
        keys=keys,
        order=TimeColumn(keys.get("created_at")),
        platform=platform_of_records(records, keys),
        author=options.author,
        private=options.private,
        people=plan.people,
        path=" ".join(map(path_text, plan.paths)),
    )
    key = keys.get("text") if plain else None
    texts = [text for record in records if key and isinstance(text := value_of(record, key), str)]
    line_breaks = mark_of(texts) if name == "posts" else None
    taken = {candidate.path for candidate in together}
    unread = (c for c in ranked if c.has_posts and c.path not in taken and c.kind == "objects" and len(c.path) > 1)
    return JsonFile(
        JsonFormat(name, context, frozenset(mapping)),
        plan,
        html=not line_breaks and mostly_html(texts),
        sample=sample,
        unread=tuple(path_text(c.path) for c in unread),
        line_breaks=line_breaks,
        insisted=insisted,
        others=None if insisted or "text" in options.columns else best.not_ones_own,
    )


def _knows(documents: list[Any], mapping: Mapping[str, str]) -> bool:
    ranked = ranked_candidates(documents, mapping.get("text"))
    return bool(ranked) and ranked[0].has_posts and not ranked[0].foreign and ranked[0].score > 3


def _insisted(documents: list[Any], form: str, ranked: list[Candidate]) -> list[Candidate]:
    """Where to read the objects of an unrecognised file, if the user names its dialect."""
    if form == "auto" or any(candidate.kind == "private" for candidate in ranked):
        return []
    whole = [document for document in documents if isinstance(document, dict)]
    if whole:
        return [Candidate((), "objects", whole, (), {form: 0.3})]
    elements = [element for document in documents if isinstance(document, list) for element in document]
    objects = [element for element in elements if isinstance(element, dict)]
    return [Candidate((EACH,), "objects", objects, (), {form: 0.3})] if objects else []


def _cheapest(
    layout: Layout, paths: tuple[Path, ...], best: Candidate, several: bool
) -> tuple[Layout, tuple[Path, ...]]:
    """The layout that reads these paths, and the paths from its documents on."""
    if layout == "lines" and (several or not any({EACH, ANY} & set(path) for path in paths)):
        return layout, paths
    if all(path[:1] == (EACH,) and not {EACH, ANY} & set(path[1:]) for path in paths):
        return "items", tuple(path[1:] for path in paths)
    if best.kind == "objects" and all(not {EACH, ANY} & set(path) for path in paths):
        return "items", paths  # objects one after the other
    return "document", paths


def _records(candidate: Candidate) -> list[dict[str, Any]]:
    """The sample's records, as the reader will give them."""
    if candidate.kind == "texts":
        return [{"text": value} for value in candidate.values]
    if candidate.kind == "columns":
        columns = candidate.values[0]
        held = [list(c.values()) if isinstance(c, dict) else c for c in columns.values()]
        return [dict(zip(columns, row, strict=False)) for row in zip(*(c[:SAMPLE_RECORDS] for c in held), strict=False)]
    if candidate.kind == "rows":
        header, *rows = [candidate.header, *candidate.values] if candidate.header else candidate.values
        return [dict(zip(map(str, header), row, strict=False)) for row in rows]
    return list(candidate.values)


def _check_mapping(file: InputFile, mapping: Mapping[str, str], records: Sequence[Mapping[str, Any]]) -> None:
    for field, key in mapping.items():
        if any(key in record or value_of(record, key) is not None for record in records):
            continue
        keys = dict.fromkeys(name for record in records for name in [*names_in(record), *_paths_in(record)])
        raise UsageError(f"--map {field}={key}: {file.name} has no key '{key}'.{did_you_mean(key, list(keys)[:300])}")


# ---- why not


def _not_json(file: InputFile, text: str, sample: JsonSample) -> InputError:
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return InputError(
            f"{file.path} holds neither JSON nor a table with a header that is known. "
            "If every line is one post: --format lines. If it is a table: --format csv --map text=COLUMN."
        )
    if sample.ended_early:
        return DamagedInputError(f"{file.path} can't be read as JSON: {sample.ended_early}.")
    broken = sample.broken
    why = f"line {broken.line:,}, byte {broken.byte:,}: {broken.why}" if broken else "it holds no object"
    return InputError(f"{file.path} can't be read as JSON: {why}.")


def _no_text_key(
    file: InputFile, documents: list[Any], ranked: list[Candidate], mapping: Mapping[str, str]
) -> InputError:
    kinds = {candidate.kind: candidate for candidate in ranked}
    if "private" in kinds:
        return InputError(f"{file.path} {why_unread(kinds['private'].values[0])}")
    others = [candidate.name for candidate in ranked if candidate.name in NO_POSTS]
    if others and "text" not in mapping:
        return InputError(f"{file.path} holds {NO_POSTS[others[0]]}: there is no post in it to collect.")
    if "ids" in kinds:
        return InputError(f"{file.path}: {HYDRATE}.")
    if "rows" in kinds:
        return InputError(
            f"{file.path} is a list of rows without names, so nothing says which cell is the text. Put a row of "
            'names first, such as ["id", "created_at", "text"], or save it with names (pandas: orient="records").'
        )
    if "text" in mapping:
        paths = dict.fromkeys(_paths_in(documents[0] if len(documents) == 1 else documents))
        hint = did_you_mean(mapping["text"], list(paths)[:300])
        return NoTextColumnError(f"--map text={mapping['text']}: no text lies there in {file.path}.{hint}", paths)
    return _unknown(file, documents)


def _unknown(file: InputFile, documents: list[Any]) -> InputError:
    """The hint for a file in which nothing is recognised. It names only keys with texts."""
    document = documents[0] if len(documents) == 1 else documents
    held: dict[str, list[Any]] = {}
    for name, value in islice(_leaves(document, "", 0), _MOST_VALUES):
        if len(held) < 500 or name in held:
            held.setdefault(name, []).append(value)
    named = [name for name, values in held.items() if text_share(values[:SAMPLE_RECORDS]) >= 0.3]
    if not named:
        return NoTextColumnError(f"{file.path} is JSON, but nothing in it reads like the text of a post.", held)
    named.sort(key=lambda name: -sum(len(v) for v in held[name][:SAMPLE_RECORDS] if isinstance(v, str)))
    names = ", ".join(named[:_NAMED]) + (", …" if len(named) > _NAMED else "")
    return NoTextColumnError(
        f"{file.path} is JSON, but no key in it is known to hold the texts of posts. Say which one does: "
        f"--map text={named[0]}. These hold texts: {names}.",
        held,
    )


def _leaves(value: Any, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Every plain value with its path, and of lists those of the first elements."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, held in list(value.items())[:200]:
            yield from _leaves(held, f"{name}.{key}" if name else str(key), depth + 1)
    elif isinstance(value, list):
        for held in value[:50]:
            yield from _leaves(held, f"{name}[]" if name else "", depth + (bool(name)))
    elif name and value is not None:
        yield name, value


def _paths_in(value: Any) -> Iterator[str]:
    return (name for name, _ in islice(_leaves(value, "", 0), _MOST_VALUES))
