"""What is done with a mutated input, by kind, and what must hold afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import pyarrow.parquet as pq

from curation.collecting.land import Landing, land
from curation.disk.workspace import Workspace
from curation.errors import CurationError
from curation.sources import open_source
from curation.sources.base import Page, Source, sound_batch
from curation.sources.dialects import Context, JsonFormat, NotAPost, dialects
from curation.sources.dialects.plain import fields_by_key
from tests.fuzz import inputs, mutations
from tests.fuzz.harness import BrokenPromiseError, Trial
from tests.fuzz.posts import all_records, known_records
from tests.fuzz.single_files import Input
from tests.fuzz.texts import text
from tests.fuzz.workspaces import command, workspace


def dialect(draw: Random, folder: Path) -> None:
    """A mutated record, asked of every dialect and read by some: nothing raises, and rows can be stored."""
    names = known_records()
    name = draw.choice(list(names))
    others = all_records()
    record = mutations.mutated_value(draw.choice(names[name]), draw, others)
    if not isinstance(record, dict):
        return
    around = tuple(
        outer
        for outer in (mutations.mutated_value(draw.choice(others), draw, others) for _ in range(draw.choice((0, 0, 1))))
        if isinstance(outer, dict)
    )
    for each in dialects():
        each.score(record, around)
        each.columns_score(list(record))
    context = Context(
        keys=fields_by_key([record]),
        author=draw.choice((None, "mira", "Mira")),
        private=draw.random() < 0.5,
        around=around,
        owner=draw.choice((None, "mira", record)),
        path=draw.choice(("", "messages[]", "[].tweet")),
    )
    for form in {name, draw.choice(dialects()).name}:
        posts = JsonFormat(form, context).posts(record, around)
        rows = [post[0] | {"source": "file"} for post in posts if not isinstance(post, NotAPost)]
        _, unsound, _ = sound_batch(rows)
        if unsound:
            raise BrokenPromiseError(f"{form}: {unsound[0].why}")


def read(draw: Random, folder: Path) -> None:
    """A mutated file: every page that is read holds sound posts."""
    read_file(inputs.draw_input(draw), folder)


def read_file(given: Input, folder: Path) -> None:
    """Read a file."""
    source = _opened(given, folder)
    for page in source.pages():
        _check_page(page)
    for notice in source.notices():
        _check_sentence(notice)


def landed(draw: Random, folder: Path) -> None:
    """A mutated file that lands twice: what is there balances, and the second time brings nothing new."""
    land_file(inputs.draw_input(draw), folder)


def land_file(given: Input, folder: Path) -> None:
    """Land a file twice."""
    write(given, folder)
    space = Workspace(folder / "data")
    first = land(space, source_of(given, folder))
    _check_landing(first)
    with contextlib.suppress(CurationError):
        second = land(space, source_of(given, folder))
        _check_landing(second)
        if second.landed or second.updated:
            raise BrokenPromiseError(
                f"landed again: {second.landed} new, {second.updated} updated; first {first.landed}"
            )


def _opened(given: Input, folder: Path) -> Source:
    write(given, folder)
    return source_of(given, folder)


def write(given: Input, folder: Path) -> None:
    for name, data in given.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def source_of(given: Input, folder: Path) -> Source:
    options = dict(given.options)
    if "columns" in options:
        options["map"] = options.pop("columns")
    return open_source(given.source, [str(folder / given.target)], options)


def _check_page(page: Page) -> None:
    page.posts.validate(full=True)
    for record in page.rejected:
        _check_sentence(record.why)
    texts = page.posts.column("text").to_pylist()
    if any(text is None for text in texts):
        raise BrokenPromiseError("a post without a text")


def _check_sentence(sentence: str) -> None:
    if not sentence or len(sentence) > 20_000:
        raise BrokenPromiseError(f"a sentence of {len(sentence):,} characters: {sentence[:300]}")


def _check_landing(landing: Landing) -> None:
    rows = 0
    for file in landing.files:
        table = pq.read_table(file)
        table.validate(full=True)
        rows += table.num_rows
        if table.column("id").null_count or table.column("text").null_count:
            raise BrokenPromiseError("a post without id or text")
    if landing.taken < landing.landed + landing.forgotten or rows < landing.landed:
        raise BrokenPromiseError(f"{landing.taken} taken, {landing.landed} landed, {rows} rows")
    if sum(reason.count for reason in landing.reasons) != landing.rejected_count:
        raise BrokenPromiseError("reasons and rejected records differ")
    if landing.taken + landing.rejected_count and landing.landed + landing.already_had > landing.taken:
        raise BrokenPromiseError(f"{landing.landed} + {landing.already_had} of {landing.taken}")
    for notice in landing.notices:
        _check_sentence(notice)


#: Trials by kind.
TRIALS: dict[str, Trial] = {
    "dialect": dialect,
    "read": read,
    "land": landed,
    "text": text,
    "command": command,
    "workspace": workspace,
}

#: What the trials do that begin with files, by kind.
ON_FILES: dict[str, Callable[[Input, Path], None]] = {"read": read_file, "land": land_file}
