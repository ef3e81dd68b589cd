"""Several versions of one post become one row.

Versions have an order: landed ones, then staged ones, row by row. Where a platform gives the time of an edit, the
version with the latest edit is the latest. In each column the latest version with a value counts, with four exceptions.
They keep a poorer file from overwriting a better one, and make the order of landings irrelevant:

- *author*: `unknown` is nobody;
- *time*: a less exact time (the same day, minute or second) is no other time;
- *flags* such as `is_reply`: a platform stops naming the answered or quoted post when that is deleted, so one version
  with the flag is enough;
- *text*: a text is no other text when only its escaping differs, or its blanks in a table of unknown form, or when it
  is the beginning of a longer text, cut off with `…`. The longest one counts; among equals, the most certain form:
  `plain`, `escaped`, `html`, `unknown`.
"""

from __future__ import annotations

import duckdb

from curation.posts import POST_COLUMNS, PROVENANCE, UNKNOWN_AUTHOR
from curation.sql import BLANKS, identifier, literal, replace_all

#: Columns in which a later version of a post may have a new value.
TELLING = tuple(c.name for c in POST_COLUMNS if c.name not in PROVENANCE and c.name not in ("platform", "id"))

#: Flags that, once true of a post, stay true.
LASTING = ("is_repost", "is_reply", "is_quote", "is_deleted")
#: Forms of a text, the best known last.
FORMS = ("unknown", "html", "escaped", "plain")
#: Least characters of a text that was cut off; a shorter one that ends with … may be complete.
SHORTEST_CUT = 60

#: Characters that X escapes, and others in tables; the ampersand last, so that nothing is decoded twice.
ESCAPES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
ENTITIES = {"&quot;": '"', "&#39;": "'", "&#039;": "'", "&nbsp;": " ", **ESCAPES}

_LAST = "PARTITION BY platform, id ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"


def merge(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `merged` of the table `versions`: one row a post, with the values of all its versions.

    `versions` has `platform`, `id`, `staged` (false for landed posts, one row a post at most), `row`, `moment` (its
    place in the order) and `TELLING`. `merged` also has `row`, the staged row that lands for it. The narrow table
    `judged` has `is_new`, whether the post has not landed before; `is_news`, whether it has a value that is new;
    `is_filled`, whether it has a value that its row lacks. `earlier_texts` are the staged rows before it with other
    texts.
    """
    if not connection.sql("SELECT row FROM versions LIMIT 1").fetchall():  # no post comes again
        connection.execute(
            """
            CREATE TEMP TABLE merged AS SELECT * EXCLUDE (staged, moment), staged AS is_new FROM versions;
            CREATE TEMP TABLE judged AS
            SELECT platform, id, row, staged AS is_new, staged AS is_news, staged AS is_filled FROM versions;
            CREATE TEMP TABLE earlier_texts AS SELECT platform, id, row FROM versions
            """
        )
        return
    _order(connection)
    _combine(connection)
    _refine_times(connection)
    _refine_texts(connection)
    _judge(connection)


def _combine(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `merged` of `versions`, and `differing` of the posts whose versions differ in time or text."""
    pair = {name: f"coalesce(late.{identifier(name)}, early.{identifier(name)})" for name in TELLING}
    pair["author"] = f"coalesce({_somebody('late.author')}, {_somebody('early.author')}, {pair['author']})"
    many = {name: f"last_value({identifier(name)} IGNORE NULLS) OVER history" for name in TELLING}
    many["author"] = f"coalesce(last_value({_somebody('author')} IGNORE NULLS) OVER history, {many['author']})"
    pair |= {name: f"greatest(late.{name}, early.{name})" for name in LASTING}
    many |= {name: f"bool_or({name}) OVER history" for name in LASTING}
    says_more = " OR ".join(
        f"(late.{name} IS NOT NULL AND late.{name} IS DISTINCT FROM early.{name})" for name in map(identifier, TELLING)
    )
    # Nearly all posts have two versions: a join is cheaper than a window. Most later versions add nothing, and a narrow
    # join finds these.
    connection.execute(
        f"""
        CREATE TEMP TABLE counted AS SELECT platform, id, count(*) AS versions FROM versions GROUP BY platform, id;
        CREATE TEMP TABLE silent AS
        SELECT late.platform, late.id
        FROM (FROM versions SEMI JOIN (FROM counted WHERE versions = 2) USING (platform, id) WHERE staged) AS late
        JOIN (FROM versions WHERE NOT staged) AS early
        ON late.platform = early.platform AND late.id = early.id AND late.moment > early.moment
        WHERE NOT ({says_more});
        CREATE TEMP TABLE pairs AS
        SELECT platform, id FROM counted ANTI JOIN silent USING (platform, id) WHERE versions = 2;
        CREATE TEMP TABLE merged AS
        SELECT late.platform, late.id, CASE WHEN late.staged THEN late.row ELSE early.row END AS row,
               late.staged AND early.staged AS is_new, {_named(pair)}
        FROM (FROM versions SEMI JOIN pairs USING (platform, id)) AS late
        JOIN (FROM versions SEMI JOIN pairs USING (platform, id)) AS early
        ON late.platform = early.platform AND late.id = early.id AND late.moment > early.moment;
        INSERT INTO merged
        SELECT platform, id, max(row) FILTER (staged) OVER history, bool_and(staged) OVER history, {_named(many)}
        FROM versions SEMI JOIN (FROM counted WHERE versions <> 2) USING (platform, id) WINDOW history AS ({_LAST})
        QUALIFY row_number() OVER (PARTITION BY platform, id ORDER BY moment) = 1;
        CREATE TEMP TABLE differing AS
        SELECT platform, id, min(created_at) <> max(created_at) AS in_time,
               min(hash(text, text_format)) <> max(hash(text, text_format)) AS in_text
        FROM versions ANTI JOIN silent USING (platform, id) GROUP BY platform, id
        HAVING min(created_at) <> max(created_at) OR min(hash(text, text_format)) <> max(hash(text, text_format))
        """
    )


def _judge(connection: duckdb.DuckDBPyConnection) -> None:
    differs = " OR ".join(f"merged.{name} IS DISTINCT FROM v.{name}" for name in map(identifier, TELLING))
    connection.execute(
        f"""
        CREATE TEMP TABLE same AS
        SELECT merged.platform, merged.id, v.staged
        FROM merged JOIN versions AS v ON v.platform = merged.platform AND v.id = merged.id
        WHERE (NOT v.staged OR v.row = merged.row) AND NOT ({differs});
        CREATE TEMP TABLE judged AS
        SELECT platform, id, merged.row, is_new, old.id IS NULL AS is_news, own.id IS NULL AS is_filled
        FROM (SELECT platform, id, row, is_new FROM merged) AS merged
        LEFT JOIN (FROM same WHERE NOT staged) AS old USING (platform, id)
        LEFT JOIN (FROM same WHERE staged) AS own USING (platform, id)
        """
    )


def _somebody(author: str) -> str:
    return f"nullif({author}, {literal(UNKNOWN_AUTHOR)})"


def _named(values: dict[str, str]) -> str:
    return ", ".join(f"{value} AS {identifier(name)}" for name, value in values.items())


def _order(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the versions of posts with times of edits in their order."""
    connection.execute(
        """
        UPDATE versions SET moment = ordered.moment FROM (
            SELECT platform, id, staged, row,
                   row_number() OVER (PARTITION BY platform, id ORDER BY edited_at NULLS FIRST, moment) AS moment
            FROM versions SEMI JOIN (FROM versions WHERE edited_at IS NOT NULL) USING (platform, id)
        ) AS ordered
        WHERE versions.platform = ordered.platform AND versions.id = ordered.id
              AND versions.staged = ordered.staged AND versions.row = ordered.row
        """
    )


def _refine_times(connection: duckdb.DuckDBPyConnection) -> None:
    """Take the most exact time within the day, the minute or the second of the latest one."""
    connection.execute(
        """
        UPDATE merged SET created_at = finer.created_at FROM (
            SELECT platform, id, max(v.created_at) AS created_at
            FROM (SELECT platform, id, created_at FROM merged SEMI JOIN (FROM differing WHERE in_time)
                  USING (platform, id)) AS latest
            JOIN versions AS v USING (platform, id)
            WHERE v.created_at > latest.created_at AND v.created_at < latest.created_at + CASE
                WHEN epoch_us(latest.created_at) % 86400000000 = 0 THEN INTERVAL 1 DAY
                WHEN epoch_us(latest.created_at) % 60000000 = 0 THEN INTERVAL 1 MINUTE
                WHEN epoch_us(latest.created_at) % 1000000 = 0 THEN INTERVAL 1 SECOND ELSE INTERVAL 0 SECOND END
            GROUP BY platform, id
        ) AS finer
        WHERE merged.platform = finer.platform AND merged.id = finer.id
        """
    )


def _refine_texts(connection: duckdb.DuckDBPyConnection) -> None:
    """Take the best form of the latest text, and the staged row with it; and find the other texts."""
    rank = f"list_position({literal(FORMS)}, v.text_format)"
    connection.execute(
        f"""
        CREATE TEMP TABLE texts AS
        SELECT platform, id, staged, row, moment, text, text_format, {_as_read("v")} AS as_read,
               {_loosely("v")} AS loosely, {rank} AS rank
        FROM versions AS v SEMI JOIN (FROM differing WHERE in_text) USING (platform, id);
        CREATE TEMP TABLE chosen AS
        SELECT v.platform, v.id, v.text, v.text_format
        FROM texts AS v JOIN (
            FROM texts QUALIFY row_number() OVER (PARTITION BY platform, id ORDER BY moment DESC) = 1
        ) AS latest USING (platform, id)
        WHERE v.as_read = latest.as_read
              OR ('unknown' IN (v.text_format, latest.text_format) AND v.loosely = latest.loosely)
              OR {_cut("latest", "v")}
        QUALIFY row_number() OVER (
            PARTITION BY v.platform, v.id
            ORDER BY {_cut("latest", "v")} DESC, v.rank DESC, length(v.loosely) DESC, v.moment DESC
        ) = 1;
        UPDATE merged SET text = chosen.text, text_format = chosen.text_format, row = coalesce((
            SELECT max(texts.row) FROM texts WHERE texts.staged AND texts.platform = chosen.platform
                AND texts.id = chosen.id AND texts.text = chosen.text AND texts.text_format = chosen.text_format
        ), merged.row)
        FROM chosen WHERE merged.platform = chosen.platform AND merged.id = chosen.id;
        CREATE TEMP TABLE earlier_texts AS
        SELECT t.platform, t.id, t.row
        FROM texts AS t JOIN merged USING (platform, id)
        LEFT JOIN (FROM texts WHERE NOT staged) AS old USING (platform, id)
        WHERE t.staged AND t.row < merged.row AND t.loosely <> {_loosely("merged")}
              AND t.loosely IS DISTINCT FROM old.loosely
        QUALIFY row_number() OVER (PARTITION BY t.platform, t.id, t.as_read ORDER BY t.row) = 1
        """
    )


def _as_read(version: str) -> str:
    """SQL: a text as people read it, as far as its form is known."""
    text = f"{version}.text"
    return f"CASE WHEN {version}.text_format = 'escaped' THEN {_replaced(text, ESCAPES)} ELSE {text} END"


def _loosely(version: str) -> str:
    """SQL: a text without escapes and repeated blanks."""
    text = f"{version}.text"
    whole = f"CASE WHEN {version}.text_format = 'plain' THEN {text} ELSE {_replaced(text, ENTITIES)} END"
    return f"trim({replace_all(whole, f'[{BLANKS}]+', ' ')})"


def _replaced(text: str, entities: dict[str, str]) -> str:
    for entity, character in entities.items():
        text = f"replace({text}, {literal(entity)}, {literal(character)})"
    return text


def _cut(short: str, whole: str) -> str:
    """SQL: whether a text is the beginning of another one, cut off."""
    end = r"(…|\.\.\.)( ?https?://\S+)?$"
    stem = f"rtrim(regexp_replace({short}.loosely, '{end}', ''))"
    return (
        f"(regexp_matches({short}.loosely, '{end}') AND length({stem}) >= {SHORTEST_CUT} "
        f"AND length({whole}.loosely) > length({stem}) + 1 AND starts_with({whole}.loosely, {stem}) "
        f"AND {whole}.loosely <> {short}.loosely)"
    )
