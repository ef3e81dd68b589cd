"""The pages for scripts: every column that lies on the disk, every command with its options and its JSON."""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

import curation.corpus.corpus
from curation import errors
from curation.cli import ENDING, app
from curation.engines.compiling import types_of
from curation.posts import LANDING_COLUMNS, POST_COLUMNS, TEXT_FORMATS, UNKNOWN_AUTHOR, Column
from curation.recipes import plan
from docs.catalog import code, columns, described, page, shipped_rules, table
from docs.commands import commands, parameters

ROOT = Path(__file__).parent.parent

#: The commands whose JSON is shown, in the order of the usual way.
JSON_EXAMPLES = {
    "collect": ["collect", "x-archive", "data/sample/x-archive-marlow_of_the_lamp.zip"],
    "run": ["run", "baseline"],
    "ledger": ["ledger", "baseline"],
    "explain": ["explain", "1148475627069177670"],
    "export": ["export", "baseline"],
    "card": ["card", "baseline", "--kind", "table"],
    "rules": ["rules", "min_words"],
    "recipes": ["recipes", "huggingtweets"],
    "sources": ["sources", "x-archive"],
}
#: Keys whose value is another one each time.
UNSTEADY = {"landed_at"}
#: Characters of a value that are shown in an example.
SHOWN = 70
_HEX = re.compile(r"[0-9a-f]{16,}")


# ---- schema.md


def schema_page() -> str:
    """The columns of raw Parquet and of a corpus."""
    rows = [(code(column), code(kind), rule) for column, (kind, rule) in _measures().items()]
    verdict = _types()
    return page(
        "Columns on the disk",
        "Everything lies in Parquet, readable with DuckDB, Polars, pandas or Spark. Types are written as "
        "DuckDB writes them. NULL always means that the source does not say.",
        "## Raw: `DIR/raw/*/part-*.parquet`",
        "One row for each post as it was downloaded. Nothing here is ever edited. A post that landed again with "
        "something new to say has several rows; the one of the latest `landing` counts.",
        table(("column", "type", "NULL", "meaning"), _columns(POST_COLUMNS)),
        "Landing adds:",
        table(("column", "type", "NULL", "meaning"), _columns(LANDING_COLUMNS)),
        "A post without an id gets one when it lands, so `id` is never NULL on the disk.",
        "`text_format` is one of:",
        table(("value", "the text is"), [(code(name), doc) for name, doc in TEXT_FORMATS.items()]),
        "## Curated: `DIR/curated/RECIPE/part-*.parquet`",
        "One row for each post, removed ones too. It has the raw columns but for `raw`, the bulky original "
        "record, which `curation explain` fetches. Two of them differ: `text` is as the rules left it, and an "
        f"`author` that nobody names is `{UNKNOWN_AUTHOR}`. The rest is the verdict:",
        _bullets(inspect.cleandoc(curation.corpus.corpus.__doc__ or "")),
        "How to ask them: [verdicts.md](verdicts.md).",
        table(("column", "type"), [(code(name), code(kind)) for name, kind in verdict.items()]),
        "The shipped rules that add columns:",
        table(("column", "type", "rule"), rows),
        "## Exported",
        "What stands in exported files: [exports.md](exports.md).",
    )


def _columns(columns: tuple[Column, ...]) -> Iterator[tuple[str, ...]]:
    types = _duckdb_types(pa.schema([column.field for column in columns]))
    for column in columns:
        yield code(column.name), code(types[column.name]), "never" if column.required else "", column.doc


def _duckdb_types(schema: pa.Schema) -> dict[str, str]:
    relation = duckdb.connect().from_arrow(schema.empty_table())
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def _bullets(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if line.startswith(("- ", "  ")))


def _types() -> dict[str, str]:
    """Type of each verdict column, as the plan of a recipe gives it."""
    return {name: kind for name, kind in types_of(()).items() if name in plan.VERDICT}


def _measures() -> dict[str, tuple[str, str]]:
    """Type and rule of each column that a shipped rule adds."""
    rules = tuple(rule() for rule in shipped_rules() if columns(rule))
    types = types_of(rules)
    return {column: (types[column], code(rule.use)) for rule in rules for column in rule.adds()}


# ---- cli.md


def cli_page() -> str:
    """Every command with its arguments and options, the exit codes, and the JSON."""
    answers = _answers()
    parts = [
        "One command, `curation`; after `make` it lies in `.venv/bin`, and `python -m curation` is the same. A "
        "*workspace* is a folder: `--data DIR`, or `CURATION_DATA` in the environment, or `data`. The result "
        "goes to stdout, everything else to stderr; a progress bar is drawn only on a terminal. `--json` gives "
        'exactly one JSON object with `"schema": 1`.',
        "A program that follows a command sets `CURATION_PROGRESS=json` in its environment. Then each line on stderr "
        'is one JSON object: `{"progress": {"label": "Curating", "done": 157, "total": 314, "unit": "posts", "posts": '
        '157}}` at most five times a second, `{"waiting": "…"}`, `{"note": "…"}`, and `{"error": "…"}` at the end. '
        "The dashboard runs its jobs this way.",
        "## Exit codes",
        table(("code", "meaning"), [(str(number), meaning) for number, meaning in _exit_codes()]),
        "A message says what is wrong, where, and what to do next. A traceback would be a defect; "
        "`CURATION_DEBUG=1` in the environment shows it. `collect` also ends with 1 when part of the input "
        "could not be reached; what was read has landed.",
        "In the JSON examples below, which were made with the sample, a list is cut to its first element, and "
        "`…` stands for the rest of a long text.",
    ]
    for name, function in commands().items():
        parts += [f"## curation {name}", *_command(name, function)]
        if name in answers:
            parts += ["With `--json`:", f"```json\n{answers[name]}\n```"]
    return page("The command line", *parts)


def _command(name: str, function: Callable[..., Any]) -> Iterator[str]:
    takes = list(parameters(function))
    arguments = [parameter.words for parameter in takes if not parameter.is_option]
    yield inspect.getdoc(function) or ""
    yield f"    {' '.join(['curation', name, *arguments, '[options]'])}"
    yield table(("", "default", "meaning"), [(code(p.words), code(p.default), p.help) for p in takes])


def _exit_codes() -> Iterator[tuple[int, str]]:
    """The exit codes with what the exceptions that have them say."""
    yield 0, "Done."
    base = errors.CurationError
    by_code = {base.exit_code: ["Failed."]}
    for error in vars(errors).values():
        if inspect.isclass(error) and issubclass(error, base) and error is not base:
            by_code.setdefault(error.exit_code, []).append(described(error)[0])
    for number in sorted(by_code):
        yield number, " ".join(by_code[number])
    for number in ENDING:
        yield 128 + number, f"Interrupted by {number.name}. What was there before is unchanged."


def _answers() -> dict[str, str]:
    """What the commands say with `--json` on the sample, abridged."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "data" / "sample", Path(folder) / "data" / "sample")
        with contextlib.chdir(folder):
            return {name: _abridged(json.loads(_said([*words, "--json"]))) for name, words in JSON_EXAMPLES.items()}


def _said(words: list[str]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        app(words, standalone_mode=False)
    return out.getvalue()


def _abridged(value: Any) -> str:
    return json.dumps(_cut(value), ensure_ascii=False, indent=2)


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "…" if key in UNSTEADY else _cut(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_cut(item) for item in value[:1]]
    if isinstance(value, str):
        value = _HEX.sub(lambda match: f"{match[0][:4]}…", value) if not value.isdigit() else value
        return value if len(value) <= SHOWN else f"{value[:SHOWN].rstrip()}…"
    return value
