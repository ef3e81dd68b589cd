"""`curation sql`: a person's own SQL over the posts of a corpus, as on the page SQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output, values
from curation.cli.options import Data, Json, recipe_name
from curation.errors import WorkspaceError
from curation.writing.terminal import aligned, shortened, visible_line

if TYPE_CHECKING:
    import pyarrow as pa

    from curation.asking.query import Answer
    from curation.corpus.corpus import Corpus

#: Most columns of a cell on a terminal, and rows of the table.
WIDTH, ROWS = 60, 1_000


def sql(
    statement: Annotated[
        str, typer.Argument(metavar="STATEMENT", help="One SELECT statement over the table posts, in quotation marks.")
    ],
    recipe: Annotated[
        str,
        typer.Option("--recipe", help="A shipped recipe, a TOML file or a corpus.", autocompletion=values.recipes),
    ] = "baseline",
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write all rows, up to a million, as CSV.")
    ] = None,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """Ask the posts of a corpus with SQL, which can only read them: no other files, no network, no changes."""
    from curation.corpus.corpus import Corpus

    corpus = Corpus.open(data, recipe_name(recipe))
    if csv:
        from curation.disk.whole_files import write_whole, writing

        answer = _ask(corpus, statement, "csv")
        with writing(csv):
            write_whole(csv, answer.content)
        output.say(f"{output.count(answer.rows, 'row')} in {csv}.")
    if json:
        answer = _ask(corpus, statement, "arrow")
        table = answer.table()
        rows = [list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]
        output.print_json(
            {
                "schema": 1, "recipe": corpus.recipe, "columns": table.column_names, "rows": rows,
                "more": answer.more, "seconds": round(answer.seconds, 3),
            }
        )  # fmt: skip
    elif not csv:
        answer = _ask(corpus, statement, "arrow")
        output.print_text("".join(f"{line}\n" for line in aligned(*_cells(answer.table()))))
    if answer.more:
        way = "" if csv else " Write more with --csv FILE, or add LIMIT."
        output.say(f"Only the first {output.count(answer.rows, 'row')}; there are more.{way}")


def _ask(corpus: Corpus, statement: str, format: str) -> Answer:
    """The answer to a statement. Raises `UsageError`, and `WorkspaceError` if a run replaces the corpus meanwhile."""
    from curation.asking.query import Query, QueryError
    from curation.asking.query.query import MOST_ROWS
    from curation.disk.states import ReplacedError

    files = [str((corpus.folder / name).absolute()) for name in corpus.manifest["files"]]
    try:
        return Query(files, statement, format, rows=MOST_ROWS if format == "csv" else ROWS).run()
    except QueryError as error:
        raise QueryError(f"{error}\n{error.place}" if error.place else str(error), error.place) from error
    except ReplacedError as error:
        raise WorkspaceError(f"A run has just replaced the corpus '{corpus.recipe}'. Ask again.") from error


def _cells(table: pa.Table) -> tuple[list[list[str]], list[int]]:
    """The head and the rows as cells, and which columns hold no numbers."""
    import pyarrow as pa

    columns = [
        [visible_line(name), *("" if value is None else shortened(visible_line(str(value)), WIDTH) for value in column)]
        for name, column in zip(table.column_names, (each.to_pylist() for each in table.columns), strict=True)
    ]
    left = [
        number
        for number, field in enumerate(table.schema)
        if not (pa.types.is_integer(field.type) or pa.types.is_floating(field.type) or pa.types.is_decimal(field.type))
    ]
    return [list(row) for row in zip(*columns, strict=True)], left
