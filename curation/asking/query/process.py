"""The process that runs one statement; `query.py` begins it.

It gets a request as JSON, and prints one line of JSON and the answer: Arrow's stream format, CSV or Parquet. Before it
looks at the statement it gives up what it does not need: DuckDB may open the files of the corpus and no others, its
configuration is locked, and the operating system bounds its memory, since DuckDB's own bound leaves out single values.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import threading
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from curation.sql import database, identifier, literal
from curation.sql.expression import nodes

#: Table functions that read no file and no setting.
HARMLESS = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree", "repeat", "repeat_row"})
#: Types whose values become texts, by the format of the answer: what it can't hold, and what Python can't show.
ODD = ("INTERVAL", "UNION", "TIME WITH", "VARIANT")
TEXTS = {"parquet": ODD, "csv": (*ODD, "STRUCT", "MAP", "BLOB", "BIT"), "arrow": (*ODD, "STRUCT", "MAP", "BLOB", "BIT")}
BATCH = 2_048
_BEFORE = "CREATE TEMP VIEW answer AS\n"


def main() -> None:
    """Run the request on standard input."""
    request = json.load(sys.stdin.buffer)
    out = sys.stdout.buffer
    # The server kills this process in time; this is for a server that was killed itself.
    timer = threading.Timer(request["seconds"] + 5, os._exit, [1])
    timer.daemon = True
    timer.start()
    _bound(request["bytes"])
    head, content = reply(request)
    out.write(json.dumps(head).encode() + b"\n" + content)
    out.flush()
    os._exit(0)  # nothing is left to be tidied, and a thread of DuckDB may take long to end


def reply(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The head and the content of the answer; the head of a statement that fails has an `error`."""
    try:
        return answer(request)
    except duckdb.Error as error:
        return _error(str(error)), b""
    except MemoryError:
        return {"error": "It needs more memory than a query may have."}, b""
    except pa.ArrowException as error:
        return {"error": f"The answer can't be shown. Cast its columns to VARCHAR. ({error})"}, b""


def answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The head and the content of the answer. Raises `duckdb.Error`."""
    if gone := [file for file in request["files"] if not Path(file).exists()]:
        return {"replaced": gone[0]}, b""
    connection = opened(request["files"], request["memory"])
    statement = request["statement"]
    if wrong := refusal(connection, statement):
        return {"error": wrong}, b""
    connection.execute(f"{_BEFORE}{statement}")
    # One more row than asked for tells whether there are more.
    relation = connection.table("answer").limit(request["rows"] + 1)
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    if texts := {name for name, kind in kinds.items() if _is_text(kind, request["format"])}:
        columns = [
            f"CAST({identifier(name)} AS VARCHAR) AS {identifier(name)}" if name in texts else identifier(name)
            for name in kinds
        ]
        relation = relation.project(", ".join(columns))
    reader = relation.to_arrow_reader(BATCH)
    sink = pa.BufferOutputStream()
    rows, more, writer = 0, False, _writer(request["format"], sink, reader.schema)
    with contextlib.closing(writer):
        for batch in reader:
            left = request["rows"] - rows
            more = batch.num_rows > left or sink.tell() > request["most"]
            if more and sink.tell() > request["most"]:
                break
            writer.write_batch(batch.slice(0, left))
            rows += min(batch.num_rows, left)
            if more:
                break
    return {"rows": rows, "more": more}, sink.getvalue().to_pybytes()


def opened(files: list[str], memory: str) -> duckdb.DuckDBPyConnection:
    """A database with the view `posts` over these files, and no way to anything else."""
    connection = database.connect(threads=2, memory_limit=memory)
    connection.execute(f"CREATE VIEW posts AS FROM read_parquet({literal(files)})")
    connection.execute("SET python_enable_replacements = false")  # no name is a variable of this program
    connection.execute(f"SET allowed_paths = {literal(files)}")
    database.lock_down(connection)
    return connection


def refusal(connection: duckdb.DuckDBPyConnection, statement: str) -> str:
    """Why a statement is not run; empty if it is one SELECT that reads posts. Raises `duckdb.Error`."""
    statements = connection.extract_statements(statement)
    if not statements:
        return "There is no statement yet. Begin with SELECT."
    if len(statements) > 1:
        return f"One statement at a time: these are {len(statements)}."
    kind = statements[0].type.name
    if kind != "SELECT":
        return f"Only SELECT statements are run, and this is {kind}."
    [(tree,)] = connection.execute("SELECT json_serialize_sql(?)", [statement]).fetchall()
    parsed = json.loads(tree)
    if parsed.get("error"):
        return f"Only SELECT statements are run. {parsed.get('error_message', '')}".strip()
    for node in nodes(parsed["statements"]):
        if node.get("type") == "TABLE_FUNCTION":
            name = str(node.get("function", {}).get("function_name", ""))
            if name.lower() not in HARMLESS:
                return f"{name}() can't be used here: the only table is posts."
    return ""


def _is_text(kind: str, format: str) -> bool:
    """Whether values of this type are texts in an answer of this format."""
    is_list = kind.endswith("]") and format != "parquet"
    return is_list or kind.startswith(TEXTS[format]) or any(f"{odd}(" in kind for odd in ODD) or "INTERVAL" in kind


def _writer(format: str, sink: Any, schema: pa.Schema) -> Any:
    if format == "csv":
        return pyarrow.csv.CSVWriter(sink, schema)
    if format == "parquet":
        return pyarrow.parquet.ParquetWriter(sink, schema, compression="zstd")
    return pa.ipc.new_stream(sink, schema)


def _error(message: str) -> dict[str, Any]:
    """A message of DuckDB as a sentence and the lines that show the place."""
    first, _, rest = message.strip().partition("\n")
    kind, _, sentence = first.partition(": ")
    if kind.startswith("Out of Memory"):
        return {"error": "It needs more memory than a query may have. Take fewer columns or rows."}
    if kind.startswith("Permission"):
        return {"error": "It asks for a file or the network, which a query can't reach."}
    place = rest.strip("\n")
    if not kind.startswith("Parser"):  # the others count the line before the statement
        place = re.sub(r"LINE (\d+): ", lambda line: f"LINE {int(line[1]) - 1}:".ljust(len(line[0])), place)
    return {"error": (sentence if kind.endswith("Error") else first).strip(), "place": place}


def _bound(size: int) -> None:
    """Bound the memory of this process, where the operating system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()
