"""The id of every post that lands.

Most posts bring their platform's id. Two kinds don't: rows of a table without such a column, and rows whose ids a
spreadsheet destroyed. A spreadsheet keeps fifteen digits of a number, and an id has eighteen or more; it writes
`5.70306E+17`, or zeros at the end of the id, for thousands of different posts. JavaScript, and every program that keeps
numbers as doubles, leaves less visible damage: ids of nineteen digits end in two zeros, or all are multiples of 256.

Merging by such an id would delete posts. So landing detects a file with destroyed ids, reports it, and generates ids
from author, time and text. A generated id is the same in every import of the same post. A second post of one file with
the same author, time and text gets `-2` at its end: copies stay, and rules decide about them.

Two more kinds get a generated id, and landing reports them: comments that have only the id of the post above them, and
rows of a table without a platform whose `id` is a running number, when another such table has landed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from curation.collecting.strangers import part_strangers
from curation.posts import UNKNOWN_AUTHOR
from curation.sources.records.snowflakes import impossible_ids
from curation.sql import literal
from curation.writing.terminal import count

#: Ids are destroyed when merging by them would lose more than this share of a file's different texts. Of the files we
#: know, sound ones lose less than 0.1%, destroyed ones more than 80%.
LOST_SHARE = 0.05
#: Fewer texts than this are no evidence: a few posts may have been edited.
LOST_LEAST = 10
#: An id with so many different authors is no post's; one author may have had two names.
SHARED_BY = 3
#: Ids are destroyed when more than this share is in scientific notation, or long and ends in zeros.
ROUNDED_SHARE = 0.5

#: Least ids that show that all of a file went through a double.
DOUBLES_LEAST = 2

SCIENTIFIC = r"^-?[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+$|^[0-9]{16,}\.0+$"
#: An id of 17 digits or more of which a spreadsheet kept fifteen, or of 18 or more as JavaScript prints a double.
ZEROED = r"^[0-9]{14,15}0{2}0*$|^[0-9]{16,}00$"

_EXACT = 2**53
_IS_DOUBLE = "CAST(number AS DOUBLE)::HUGEINT = number"


@dataclass(frozen=True)
class FileIds:
    """Figures about the ids of one file."""

    file: str
    posts: int
    ids: int  # distinct ids
    texts: int  # distinct pairs of id and text
    rounded: int  # ids in scientific notation or ending in zeros
    missing: int  # posts without an id
    scientific: int
    long: int = 0  # ids above 2⁵³, which a double can't hold exactly
    doubles: int = 0  # of these, ids that are exactly a double's value
    odd_doubles: int = 0  # of these, ids without another reason for it: X's own are often multiples of 4096
    tens: int = 0  # ids of 18 digits or more that end in a zero
    tens_least: int = 0  # ids of 18 digits or more
    shared: bool = False  # different authors have the same id: that of the post they comment on

    @property
    def destroyed(self) -> bool:
        """Whether posts of this file must not be merged by id."""
        present = self.posts - self.missing
        return (
            (self.lost >= LOST_LEAST and self.lost > LOST_SHARE * self.texts)
            or self.scientific > 0.01 * max(present, 1)
            or ((present >= 3 or self.lost >= 1) and self.rounded > ROUNDED_SHARE * present)
            or self._by_doubles
            or (self.tens_least >= 6 and self.tens == self.tens_least)
            or self.shared
        )

    @property
    def _by_doubles(self) -> bool:
        return self.odd_doubles >= DOUBLES_LEAST and self.doubles >= 0.995 * self.long

    @property
    def lost(self) -> int:
        """Texts that merging by id would lose."""
        return self.texts - self.ids

    @property
    def evidence(self) -> str:
        """The evidence for destroyed ids, as a clause."""
        present = self.posts - self.missing
        if self.ids < present:
            return f"{count(present, 'post has', 'posts have')} {_ids(self.ids)}"
        if self.scientific:
            return f"{self.scientific:,} of {present:,} are in scientific notation"
        if self.rounded > ROUNDED_SHARE * present:
            return f"{self.rounded:,} of {present:,} end in zeros"
        if self.odd_doubles >= DOUBLES_LEAST:
            return f"{self.doubles:,} of {self.long:,} long ones are exactly what such a number can hold"
        return f"all {self.tens:,} long ones end in a zero"

    @property
    def culprit(self) -> str:
        """The program that most likely destroyed them."""
        by_double = not self.scientific and self._by_doubles
        return "a program that kept them as floating-point numbers" if by_double else "a spreadsheet"


@dataclass(frozen=True)
class Identities:
    """Facts about the ids of a landing."""

    destroyed: tuple[FileIds, ...]
    missing: int
    authors: tuple[str, ...]
    impossible: tuple[str, ...] = ()  # sentences about ids that can't be right
    strangers: int = 0  # posts whose id is another post's

    @property
    def makes_ids(self) -> bool:
        """Whether any post has a generated id."""
        return bool(self.destroyed or self.missing or self.strangers)

    def notices(self) -> tuple[str, ...]:
        """Sentences for the user."""
        sentences = [
            f"The ids in {file.file} are not those of its posts, since different authors share them: "
            f"{count(file.posts - file.missing, 'post has', 'posts have')} {_ids(file.ids)}. They are not "
            "merged by id; each post gets one "
            "made of its author, time and text. If another column holds the ids of the posts: --map id=COLUMN."
            if file.shared and not file.rounded
            else f"The ids in {file.file} were destroyed, most likely by {file.culprit}: {file.evidence}. They are not "
            "merged by id; each post gets one made of its author, time and text. If you have the file as it was before "
            "that happened, land that one instead."
            for file in self.destroyed
        ]
        if self.missing:
            posts = "One post" if self.missing == 1 else f"{self.missing:,} posts"
            sentences.append(f"{posts} came without an id; each gets one made of its author, time and text.")
        if self.strangers:
            posts = "One post has" if self.strangers == 1 else f"{self.strangers:,} posts have"
            sentences.append(
                f"{posts} the id of another post that says something else, as rows have that are numbered; each gets "
                "one made of its author, time and text."
            )
        return (*sentences, *self.impossible)


def _ids(count: int) -> str:
    return "one id" if count == 1 else f"{count:,} different ids"


def identify_posts(connection: duckdb.DuckDBPyConnection, staged: Path, there: list[Path]) -> Identities:
    """Give every staged post its id. `there` are the files of earlier landings.

    Fills the table `identities` with `row` (of the file `staged`, from 0), `platform` and `id`.
    """
    posts = f"read_parquet({literal(str(staged))})"
    files = _ids_of_files(connection, posts)
    destroyed = tuple(file for file in files if file.destroyed)
    missing = sum(file.missing for file in files if not file.destroyed)
    generated = _fill_identities(connection, posts, destroyed, all_are_given=not destroyed and not missing)
    strangers = part_strangers(connection, staged, there, generated)
    authors = connection.sql(
        f"SELECT author FROM {posts} WHERE author IS NOT NULL GROUP BY author ORDER BY count(*) DESC, author LIMIT 5"
    )
    impossible = () if len(destroyed) == len(files) else tuple(impossible_ids(connection, posts))
    return Identities(destroyed, missing, tuple(name for (name,) in authors.fetchall()), impossible, strangers)


def _ids_of_files(connection: duckdb.DuckDBPyConnection, posts: str) -> list[FileIds]:
    """Figures about the ids of each staged file; `posts` is SQL for the rows."""
    per_file = connection.sql(
        f"""
        SELECT coalesce(source_file, ''), count(*), count(DISTINCT id), count(DISTINCT id),
               count(*) FILTER (scientific OR zeroed), count(*) FILTER (id IS NULL), count(*) FILTER (scientific),
               count(*) FILTER (number > {_EXACT}), count(*) FILTER (number > {_EXACT} AND {_IS_DOUBLE}),
               count(*) FILTER (number > {_EXACT} AND {_IS_DOUBLE} AND number % 4096 <> 0),
               count(*) FILTER (number >= 100000000000000000 AND number % 10 = 0),
               count(*) FILTER (number >= 100000000000000000)
        FROM (
            SELECT id, source_file, TRY_CAST(id AS BIGINT) AS number,
                   CASE WHEN contains(id, 'E') OR contains(id, 'e') OR contains(id, '.')
                        THEN regexp_matches(id, {literal(SCIENTIFIC)}) ELSE false END AS scientific,
                   CASE WHEN suffix(id, '00') THEN regexp_matches(id, {literal(ZEROED)}) ELSE false END AS zeroed
            FROM {posts}
        )
        GROUP BY source_file ORDER BY source_file
        """
    )
    files = [FileIds(*row) for row in per_file.fetchall()]
    # Where no id comes twice, there are as many texts as ids.
    if several := [file.file for file in files if file.ids < file.posts - file.missing]:
        texts = connection.sql(
            f"""
            SELECT coalesce(source_file, '') AS file, count(DISTINCT hash(id, text)) FROM {posts}
            WHERE id IS NOT NULL AND text IS NOT NULL AND file IN ({", ".join(map(literal, several))}) GROUP BY file
            """
        )
        counted = dict(texts.fetchall())
        files = [replace(file, texts=counted.get(file.file, file.texts)) for file in files]
    if doubtful := [file.file for file in files if file.lost > LOST_SHARE * file.texts]:
        shared = connection.sql(
            f"""
            SELECT DISTINCT file FROM (
                SELECT coalesce(source_file, '') AS file, id, count(DISTINCT author) AS authors FROM {posts}
                WHERE author <> {literal(UNKNOWN_AUTHOR)} AND file IN ({", ".join(map(literal, doubtful))}) GROUP BY ALL
            ) WHERE authors >= {SHARED_BY} AND id IS NOT NULL
            """
        )
        names = {name for (name,) in shared.fetchall()}
        files = [replace(file, shared=file.file in names) for file in files]
    return files


def _fill_identities(
    connection: duckdb.DuckDBPyConnection, posts: str, destroyed: Sequence[FileIds], *, all_are_given: bool
) -> str:
    """Make the table `identities`; gives SQL for an id from author, time and text."""
    given = "id IS NOT NULL"
    if destroyed:
        given += f" AND coalesce(source_file, '') NOT IN ({', '.join(literal(file.file) for file in destroyed)})"
    says = "concat_ws(chr(31), coalesce(author, ''), coalesce(epoch_us(created_at)::VARCHAR, ''), text)"
    generated = f"'text-' || left(sha256({says}), 20)"
    if all_are_given:
        connection.execute(f"CREATE TEMP TABLE identities AS SELECT file_row_number AS row, platform, id FROM {posts}")
        return generated
    connection.execute(
        f"""
        CREATE TEMP TABLE identities AS
        WITH named AS (
            SELECT file_row_number AS row, platform, source_file, {given} AS is_given,
                   CASE WHEN {given} THEN id ELSE {generated} END AS id
            FROM {posts}
        ), numbered AS (
            SELECT row, row_number() OVER (PARTITION BY platform, source_file, id ORDER BY row) AS occurrence
            FROM named WHERE NOT is_given
        )
        SELECT row, platform, CASE WHEN occurrence > 1 THEN id || '-' || occurrence ELSE id END AS id
        FROM named LEFT JOIN numbered USING (row)
        """
    )
    return generated
