"""What the repair of encodings gets right, what it changes in genuine text, and what it costs, against ftfy.

`python -m benchmarks.mojibake DATA [--list FILE]` prints the tables of docs/benchmarks.md. With `--list`, every
text that a repair changes in the sets of genuine text is written to FILE as JSON lines, to be looked at; keep
it out of the repository, for these are people's posts. Sets that are not in DATA are left out, and said.

*Rightly* is measured without looking at how the repair works: a row counts when damaging its result again, in
the way in which the set was damaged, gives exactly what was there, and nothing damaged is left in it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import ftfy
import pyarrow as pa

from benchmarks.__main__ import ARCHIVES
from benchmarks.measure import curation
from curation.functions.encoding.by_ftfy import encodings_only
from curation.functions.encoding.repair import fix_mojibake, mojibake_record
from curation.rules.encoding import Damaged, FixMojibake
from curation.sources.files.text_encoding import FALLBACK
from curation.sql import literal

#: Sets of lines of text; what they hold of damage is a few lines.
LINES = ("xlm-t-8lang", "lingua-testdata", "tweeteval", "hate-davidson")
#: Tables with the column of their text.
TABLES = {"disaster-dfe": "text", "corona-nlp": "OriginalTweet", "hate-analyticsvidhya": "tweet"}
NOT_TEXT = (".md", "LICENSE", "LICENSE.txt", "mapping.txt")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with the sets, each unpacked under its name")
    parser.add_argument("--list", type=Path, help="where to write the texts that are changed in genuine sets")
    arguments = parser.parse_args()
    names = ("ftfy-tests", "macroman-tweets", *TABLES, *ARCHIVES, *LINES)
    here = [name for name in names if (arguments.data / name).is_dir()]
    if missing := [name for name in names if name not in here]:
        print(f"Left out, since not in {arguments.data}: {', '.join(missing)}", file=sys.stderr)
    if not here:
        sys.exit(f"None of the sets is in {arguments.data}; nothing was measured.")
    if "ftfy-tests" in here:
        golden(arguments.data / "ftfy-tests")
    if "macroman-tweets" in here:
        mac_roman(arguments.data / "macroman-tweets")
    texts = {name: texts_of(arguments.data, name) for name in here if name not in ("ftfy-tests", "macroman-tweets")}
    if damaged := [name for name in TABLES if name in texts]:
        repaired({name: texts[name] for name in damaged})
    untouched({name: found for name, found in texts.items() if name not in TABLES}, arguments.list)
    speed(texts)


def texts_of(data: Path, name: str) -> list[str]:
    """The texts of a set: landed where it holds posts, else its lines."""
    if name in LINES:
        files = [path for path in sorted((data / name).rglob("*")) if path.is_file()]
        return [
            line
            for path in files
            if not path.name.endswith(NOT_TEXT)
            for line in path.read_text(encoding="utf-8", errors=FALLBACK).split("\n")
        ]
    with tempfile.TemporaryDirectory(prefix="curation-mojibake-") as folder:
        if name in TABLES:
            files = [str(path) for path in sorted((data / name).glob("*.csv"))]
            curation("collect", "file", *files, "--map", f"text={TABLES[name]}", "--data", folder)
        else:
            curation("collect", "x-archive", str(data / name), "--data", folder)
        rows = duckdb.sql(f"SELECT text FROM read_parquet({literal(f'{folder}/raw/*/*.parquet')})").fetchall()
    return [text for (text,) in rows]


def by_ftfy(texts: Iterable[str]) -> list[str]:
    """Each text by ftfy alone, encodings only, on every row."""
    return [ftfy.fix_text(text, encodings_only()) for text in texts]


def table(title: str, head: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Print a table in Markdown."""
    print(f"\n### {title}\n\n| {' | '.join(head)} |\n| --- |{' ---: |' * (len(head) - 1)}")
    for row in rows:
        print("| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row) + " |")


def golden(folder: Path) -> None:
    """Ftfy's own cases: its passing ones, its negatives, and those that it knows it fails."""
    cases = [case for path in sorted(folder.rglob("test-cases/*.json")) for case in json.loads(path.read_text("utf-8"))]
    kinds: dict[str, Callable[[dict[str, str]], bool]] = {
        "passing": lambda case: case["expect"] == "pass",
        "of these, negatives": lambda case: case["expect"] == "pass" and case["original"] == case["fixed"],
        "known failures": lambda case: case["expect"] == "fail",
    }
    rows = []
    for kind, belongs in kinds.items():
        some = [case for case in cases if belongs(case)]
        originals = [case["original"] for case in some]
        wanted = [_straight(case.get("fixed-encoding", case["fixed"])) for case in some]
        ours = fix_mojibake(originals)
        lossy = sum(
            _straight(mine) != want and "\ufffd" in want and "\ufffd" not in case["original"]
            for mine, want, case in zip(ours, wanted, some, strict=True)
        )
        rows.append((kind, len(some), _same(by_ftfy(originals), wanted), _same(ours, wanted), lossy))
    head = ("ftfy's cases", "cases", "ftfy", "ours", "not ours: a U+FFFD for what is lost")
    table("The cases of ftfy", head, rows)


def _straight(text: str) -> str:
    """The text with straight quotes: ftfy's cases expect them, and they are no matter of encoding."""
    return ftfy.fixes.uncurl_quotes(text)


def _same(got: list[str], wanted: list[str]) -> int:
    return sum(_straight(one) == want for one, want in zip(got, wanted, strict=True))


def mac_roman(folder: Path) -> None:
    """Posts that were read as Mac Roman once."""
    files = [path for path in sorted(folder.iterdir()) if path.suffix == ".txt"]
    lines = [line for path in files for line in path.read_text("utf-8").splitlines() if not line.isascii()]
    whole = [line for line in lines if _as_mac_roman(line) is not None]
    rows = [
        (name, len(lines), len(whole), sum(_as_mac_roman(a) == b for a, b in zip(whole, repair(whole), strict=True)))
        for name, repair in (("ftfy", by_ftfy), ("ours", fix_mojibake))
    ]
    table("Read as Mac Roman", ("", "posts", "whose bytes are all there", "repaired"), rows)


def _as_mac_roman(text: str) -> str | None:
    try:
        return text.encode("mac_roman").decode("utf-8")
    except UnicodeError:
        return None


def through_spreadsheet(text: str) -> str:
    """The damage of disaster-dfe: UTF-8 as Windows-1252, saved as Mac Roman, read as the file is landed."""
    saved = b""
    for character in text.encode().decode("sloppy-windows-1252"):
        try:
            saved += character.encode("latin-1") if "\x80" <= character <= "\x9f" else character.encode("mac_roman")
        except UnicodeError:
            saved += b"_"
    return saved.decode("utf-8", FALLBACK)


def as_controls(text: str) -> str:
    """The damage of corona-nlp: Windows-1252 as Latin-1, where a text is of Windows-1252 at all."""
    characters = (c.encode("cp1252", "ignore").decode("latin-1") or c for c in text)
    return "".join(characters)


def with_losses(text: str) -> str:
    """The damage of hate-analyticsvidhya: UTF-8 as Windows-1252, written as Latin-1 with `?`, as it is landed."""
    written = text.encode().decode("sloppy-windows-1252").encode("latin-1", "replace")
    return written.decode("utf-8", FALLBACK)


DAMAGES = {"disaster-dfe": through_spreadsheet, "corona-nlp": as_controls, "hate-analyticsvidhya": with_losses}


def repaired(sets: dict[str, list[str]]) -> None:
    """Of the rows of each damaged set that are damaged, the share that is repaired rightly."""
    rows: list[tuple[object, ...]] = []
    for name, texts in sets.items():
        # In the spreadsheet's set every character beyond ASCII is damage; elsewhere, what can't have been typed.
        if name == "disaster-dfe":
            damaged = [text for text in texts if not text.isascii()]
        else:
            marks = places(texts)
            damaged = [
                text
                for text, mark, fixed in zip(texts, marks, fix_mojibake(texts), strict=True)
                if mark or fixed != text
            ]
        row: list[object] = [name, len(texts), len(damaged)]
        for repair in (by_ftfy, fix_mojibake):
            results = repair(damaged)
            left = places(results)
            right = [
                not here and new != old and DAMAGES[name](new) == old
                for here, new, old in zip(left, results, damaged, strict=True)
            ]
            spoiled = sum(new.count("\ufffd") > old.count("\ufffd") for new, old in zip(results, damaged, strict=True))
            row += [f"{sum(right) / len(damaged):.1%}", spoiled]
        ours = fix_mojibake(damaged)
        rows.append((*row, sum(mark > 0 for mark in places(ours))))
    head = ("set", "posts", "damaged", "ftfy: rightly", "ftfy: U+FFFD made", "ours: rightly", "ours: U+FFFD made")
    table("Damaged sets", (*head, "left for `damaged`"), rows)


def places(texts: list[str]) -> list[int]:
    """The damaged places in each text, as the rule `damaged` counts them."""
    connection = _with(texts)
    return [count for (count,) in connection.sql(f"SELECT {Damaged().measure()} FROM posts ORDER BY row").fetchall()]


def _with(texts: list[str]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.register("given", pa.table({"row": list(range(len(texts))), "text": texts}))
    connection.sql("CREATE TABLE posts AS FROM given")
    return connection


def untouched(sets: dict[str, list[str]], listing: Path | None) -> None:
    """What is changed in sets of genuine text; nearly all of it is damage that a post came with."""
    rows, changes = [], []
    for name, texts in sets.items():
        ours, theirs = fix_mojibake(texts), by_ftfy(texts)
        changed = [(old, new) for old, new in zip(texts, ours, strict=True) if new != old]
        records = mojibake_record([old for old, _ in changed])
        changes += [
            {"set": name, "kinds": kinds, "before": old, "after": new}
            for (old, new), kinds in zip(changed, records, strict=True)
        ]
        left = sum(count > 0 for count in places(ours))
        by_them = sum(new != old for old, new in zip(texts, theirs, strict=True))
        rows.append((name, len(texts), by_them, len(changed), left))
    table("Genuine text", ("set", "texts", "changed by ftfy", "changed by ours", "`damaged` after it"), rows)
    if listing:
        listing.write_text("".join(json.dumps(c, ensure_ascii=False) + "\n" for c in changes), encoding="utf-8")
        print(f"\nWhat was changed lies in {listing}.", file=sys.stderr)


def speed(sets: dict[str, list[str]]) -> None:
    """Texts per CPU-second of one process: ftfy on every row against the rule as it runs, in both modes."""
    rows: list[tuple[object, ...]] = []
    spent = [0.0] * 4
    for name, texts in sets.items():
        began = time.process_time()
        theirs = by_ftfy(texts)
        seconds = time.process_time() - began
        row: list[object] = [name, len(texts), round(len(texts) / seconds)]
        different, taken = 0, []
        for rule in (FixMojibake(repairs="ftfy"), FixMojibake()):
            connection = _with(texts)
            for function in rule.functions():
                function.register(connection)
            began = time.process_time()
            query = (
                f"SELECT CASE WHEN {rule.when()} THEN {rule.rewrite()} ELSE text END AS text FROM posts ORDER BY row"
            )
            results = connection.sql(query).to_arrow_table()["text"].to_pylist()
            taken.append(time.process_time() - began)
            row += [round(len(texts) / taken[-1]), f"{seconds / taken[-1]:.1f}×"]
            if rule.repairs == "ftfy":
                different = sum(one != other for one, other in zip(results, theirs, strict=True))
        rows.append((*row, different))
        spent = [sum(pair) for pair in zip(spent, (len(texts), seconds, *taken), strict=True)]
    count, alone, *both = spent
    each = [cell for taken in both for cell in (round(count / taken), f"{alone / taken:.1f}×")]
    rows.append(("together", int(count), round(count / alone), *each, sum(row[-1] for row in rows)))
    head = ("set", "texts", "ftfy, texts/s", '"ftfy", texts/s', "", '"all", texts/s', "", "rows that differ from ftfy")
    table('Texts per CPU-second; of the mode "ftfy", rows that differ', head, rows)


if __name__ == "__main__":
    main()
