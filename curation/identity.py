"""Who is who: the id of every post that lands.

Most posts bring their platform's id. Two kinds do not: rows of a table that has no such column, and rows whose
ids a spreadsheet destroyed. A spreadsheet keeps fifteen digits of a number, and an id has eighteen or more; it
then writes `5.70306E+17`, or the id with zeros at its end, for thousands of different posts. Merging by such
an id would delete most of them, so a file whose ids are destroyed is noticed, said, and its posts get ids made
of what they say: author, time and text. Such an id is the same in every import of the same post; a second post
of one file that says exactly the same gets `-2` at its end, so that copies are counted, and left to the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.sql import literal

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

#: Share of a file's different texts that merging by id would lose, above which its ids are destroyed. Of the
#: files we know the sound ones lose less than 0.1 %, the destroyed ones more than 80 %.
LOST_SHARE = 0.05
#: Fewer texts than this are no evidence: a few posts may have been edited.
LOST_LEAST = 10
#: Share of ids in scientific notation, or long ones that end in zeros, above which they are destroyed.
ROUNDED_SHARE = 0.5

SCIENTIFIC = r"^-?[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+$"
#: An id of 17 digits or more of which a spreadsheet kept fifteen.
ZEROED = r"^[0-9]{14,15}0{2}0*$"


@dataclass(frozen=True)
class FileIds:
    """What the ids of one file are like."""

    file: str
    posts: int
    ids: int  # distinct ids
    texts: int  # distinct pairs of id and text
    rounded: int  # ids in scientific notation or ending in zeros
    missing: int  # posts without an id
    scientific: int

    @property
    def destroyed(self) -> bool:
        """Whether posts of this file must not be merged by id."""
        lost = self.texts - self.ids
        present = self.posts - self.missing
        return (
            (lost >= LOST_LEAST and lost > LOST_SHARE * self.texts)
            or self.scientific > 0.01 * max(present, 1)
            or (present >= 3 and self.rounded > ROUNDED_SHARE * present)
        )


@dataclass(frozen=True)
class Identities:
    """What was found out about the ids of a landing."""

    destroyed: tuple[FileIds, ...]
    missing: int
    authors: tuple[str, ...]

    @property
    def made(self) -> bool:
        """Whether any post got an id made of what it says."""
        return bool(self.destroyed or self.missing)

    def notices(self) -> tuple[str, ...]:
        """Sentences for the user."""
        said = [
            f"The ids in {file.file} were destroyed, most likely by a spreadsheet: {file.posts - file.missing:,} posts "
            f"have {file.ids:,} different ids. They are not merged by id; each post gets one made of its author, time "
            "and text. If you have the file as it was before a spreadsheet saved it, land that one instead."
            for file in self.destroyed
        ]
        if self.missing:
            said.append(f"{self.missing:,} posts came without an id; each gets one made of its author, time and text.")
        return tuple(said)


def identify(connection: duckdb.DuckDBPyConnection, staged: Path) -> Identities:
    """Give every staged post its id.

    Fills the table `identities` with `row` (of the file `staged`, from 0), `platform` and `id`.
    """
    posts = f"read_parquet({literal(str(staged))})"
    per_file = connection.sql(
        f"""
        SELECT coalesce(source_file, ''), count(*), count(DISTINCT id),
               count(DISTINCT md5_number(id || chr(31) || text)),
               count(*) FILTER (regexp_matches(id, {literal(SCIENTIFIC)}) OR regexp_matches(id, {literal(ZEROED)})),
               count(*) FILTER (id IS NULL), count(*) FILTER (regexp_matches(id, {literal(SCIENTIFIC)}))
        FROM {posts} GROUP BY source_file ORDER BY source_file
        """
    )
    files = [FileIds(*row) for row in per_file.fetchall()]
    destroyed = tuple(file for file in files if file.destroyed)
    missing = sum(file.missing for file in files if not file.destroyed)
    given = "id IS NOT NULL"
    if destroyed:
        given += f" AND coalesce(source_file, '') NOT IN ({', '.join(literal(file.file) for file in destroyed)})"
    says = "concat_ws(chr(31), coalesce(author, ''), coalesce(epoch_us(created_at)::VARCHAR, ''), text)"
    connection.execute(
        f"""
        CREATE TEMP TABLE identities AS
        WITH named AS (
            SELECT file_row_number AS row, platform, source_file, {given} AS is_given,
                   CASE WHEN {given} THEN id ELSE 'text-' || left(sha256({says}), 20) END AS id
            FROM {posts}
        ), numbered AS (
            SELECT row, row_number() OVER (PARTITION BY platform, source_file, id ORDER BY row) AS occurrence
            FROM named WHERE NOT is_given
        )
        SELECT row, platform, CASE WHEN occurrence > 1 THEN id || '-' || occurrence ELSE id END AS id
        FROM named LEFT JOIN numbered USING (row)
        """
    )
    authors = connection.sql(
        f"SELECT author FROM {posts} WHERE author IS NOT NULL GROUP BY author ORDER BY count(*) DESC, author LIMIT 5"
    )
    return Identities(destroyed, missing, tuple(name for (name,) in authors.fetchall()))
