"""Where a forgotten post stands: its own rows, reposts of it, and records that hold it.

A tombstone names a post or an author. From there these traces are followed:

- all versions of a post;
- posts by a forgotten author;
- posts that pass on a forgotten one: `repost_of` names it, the text has `RT @handle` of a forgotten author (perhaps
  after words of its own), or the record says so; and posts that pass on *those*.

All of them go, and each gets a tombstone, since another source may bring it back without naming the forgotten post.
A post that quotes or answers a forgotten one stays: it is somebody's own. But its record may hold the other text, so
the record goes (`raw` becomes NULL).
"""

from __future__ import annotations

import duckdb

from curation.disk import embedded
from curation.disk.rewriting import Cut
from curation.disk.tombstones import AUTHOR, AUTHOR_ANYWHERE, POST, POST_ANYWHERE, Tombstones
from curation.sql import any_of, contains, literal, matches

#: Columns that traces are followed in.
COLUMNS = (
    "platform", "id", "author", "text", "is_repost", "repost_of", "is_reply", "reply_to", "is_quote", "quote_of",
    "conversation_id", "raw",
)  # fmt: skip

#: What stands before the handle in a manual retweet.
BEFORE_HANDLE = r"(?i)\bRT[\s:]*[@＠]"
#: The handle in a manual retweet; twice, since a handle may have dots, and a dot may end the sentence.
BY_HAND = (
    BEFORE_HANDLE + r"([\p{L}\p{N}\p{M}_]+)",
    BEFORE_HANDLE + r"([\p{L}\p{N}\p{M}_.@-]*[\p{L}\p{N}\p{M}_])",
)

RETWEET = r"(?s)^RT @([A-Za-z0-9_]+): ?(.*)$"
#: Least characters of a retweet that identify its post: fewer may begin many posts.
TELLING_WORDS = 12

#: A post that may hold another one: all except those that are known to be about no other.
HOLDING = (
    "(coalesce(is_repost OR is_quote OR is_reply, true) OR coalesce(quote_of, reply_to, repost_of) IS NOT NULL) "
    f"AND {matches('raw', embedded.HINT)}"
)


def follow(connection: duckdb.DuckDBPyConnection, tombstones: Tombstones, rows: str) -> dict[int, Cut]:
    """Find the traces of the table `tombstones` among `rows`; gives the cut of each `part`.

    `rows` is a table, or a query in parentheses, with `part`, `row` and `COLUMNS`. Afterwards the table `traces_gone`
    has part, row, platform, id and hash of the rows that go, and `tombstones` their tombstones, `fresh` where they are
    new. The caller drops both tables (`clear`).
    """
    embedded.register(connection)
    post_of = tombstones.hash(POST, "platform", "{}").format
    # Long records are read once, and joins carry none: most hold no other post.
    connection.execute(
        f"""
        CREATE TEMP TABLE traces_records AS
        SELECT part, row, platform, is_repost, {embedded.FUNCTION}(raw) AS inside FROM {rows} AS posts WHERE {HOLDING};
        CREATE TEMP TABLE traces AS
        SELECT part, row, platform, id, {post_of("id")} AS own, {post_of("repost_of")} AS passed_on,
               {any_of(_criteria(tombstones))} AS is_named
        FROM {rows} AS posts LEFT JOIN ({_passing_on(tombstones, rows)}) AS passing USING (part, row)
        """
    )
    posts = f"(SELECT hash FROM tombstones WHERE kind = {literal(POST)})"
    connection.execute(f"CREATE TEMP TABLE traces_retweets AS {_retweets(rows)}")
    while _spread(connection, posts) or _spread_by_text(connection, rows, posts):
        pass
    connection.execute(
        f"""
        CREATE TEMP TABLE traces_gone AS
        SELECT part, row, platform, id, own AS hash FROM traces WHERE own IN {posts};
        CREATE TEMP TABLE traces_emptied AS
        SELECT part, row FROM {rows} AS posts ANTI JOIN traces_gone USING (part, row)
        WHERE raw IS NOT NULL AND ({_refers(tombstones)})
        UNION
        FROM ({_holding(tombstones)}) ANTI JOIN traces_gone USING (part, row)
        """
    )
    cuts: dict[int, dict[str, list[int]]] = {}
    for table in ("gone", "emptied"):
        statement = f"SELECT part, list(row ORDER BY row) FROM traces_{table} WHERE part IS NOT NULL GROUP BY part"
        for part, numbers in connection.sql(statement).fetchall():
            cuts.setdefault(part, {})[table] = numbers
    return {part: Cut(**{name: frozenset(numbers) for name, numbers in cut.items()}) for part, cut in cuts.items()}


def _spread(connection: duckdb.DuckDBPyConnection, posts: str) -> int:
    """Give tombstones to named posts, and to reposts of a post that has one; gives their number."""
    statement = f"""
        INSERT INTO tombstones
        SELECT DISTINCT {literal(POST)}, own, true FROM traces
        WHERE (is_named OR coalesce(passed_on IN {posts}, false)) AND own NOT IN {posts}
    """
    return int(connection.execute(statement).fetchall()[0][0])


def _spread_by_text(connection: duckdb.DuckDBPyConnection, rows: str, posts: str) -> int:
    """The same for retweets that name their post only by author and words, as in X archives."""
    statement = f"""
        INSERT INTO tombstones
        WITH gone AS (
            SELECT platform, lower(author) AS author, text
            FROM {rows} AS posts SEMI JOIN (FROM traces WHERE own IN {posts}) USING (part, row)
        )
        SELECT DISTINCT {literal(POST)}, own, true
        FROM traces_retweets AS retweet JOIN traces USING (part, row)
        JOIN gone ON gone.platform = retweet.platform AND gone.author = retweet.author
            AND left(gone.text, {TELLING_WORDS}) = left(retweet.words, {TELLING_WORDS})
            AND starts_with(gone.text, retweet.words)
        WHERE own NOT IN {posts}
    """
    return int(connection.execute(statement).fetchall()[0][0])


def _retweets(rows: str) -> str:
    """SQL: part, row, platform, author and words of posts that begin with `RT @author:`; cut words lose their dots."""
    return f"""
    WITH retweets AS (
        SELECT part, row, platform, regexp_extract(text, {literal(RETWEET)}, ['author', 'words']) AS cited
        FROM {rows} AS posts WHERE starts_with(text, 'RT @')
    )
    SELECT part, row, platform, lower(cited.author) AS author, rtrim(rtrim(cited.words, '…. ')) AS words
    FROM retweets WHERE length(rtrim(cited.words, '…. ')) >= {TELLING_WORDS}
    """


def fresh(connection: duckdb.DuckDBPyConnection, tombstones: Tombstones) -> list[tuple[str, str]]:
    """The tombstones that `follow` added, but for posts that `tombstones` name by their id on every platform."""
    known = f"SELECT own FROM traces WHERE {tombstones.named_anywhere('id')}"
    return connection.sql(f"SELECT kind, hash FROM tombstones WHERE fresh AND hash NOT IN ({known})").fetchall()


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the tables of `follow`."""
    for table in ("traces", "traces_records", "traces_retweets", "traces_gone", "traces_emptied", "tombstones"):
        connection.execute(f"DROP TABLE {table}")
    connection.remove_function(embedded.FUNCTION)


def _criteria(tombstones: Tombstones) -> list[str]:
    """Conditions under which tombstones name a row, whatever other rows go."""
    conditions = [tombstones.named(POST, "platform", "id")]
    if tombstones.has(POST_ANYWHERE):
        conditions.append(tombstones.named(POST, "platform", "repost_of"))
    if tombstones.has(AUTHOR, AUTHOR_ANYWHERE):
        conditions += [tombstones.named(AUTHOR, "platform", "lower(author)"), "passes_on_author"]
    return [f"coalesce({condition}, false)" for condition in conditions]


def _passing_on(tombstones: Tombstones, rows: str) -> str:
    """SQL: part and row of posts whose text or record says that they pass on a forgotten author's post."""
    by_hand = " || ".join(f"regexp_extract_all(text, {literal(pattern)}, 1)" for pattern in BY_HAND)
    named = tombstones.named(AUTHOR, "platform", "lower(value)")
    return f"""
    SELECT DISTINCT part, row, true AS passes_on_author FROM (
        SELECT part, row, platform, unnest({by_hand}) AS value FROM {rows} AS posts
        WHERE {contains("text", "@", "＠")} AND {matches("text", BEFORE_HANDLE)}
        UNION ALL
        SELECT part, row, platform, unnest(inside.passed_on) FROM traces_records WHERE is_repost
    ) WHERE {named}
    """


def _refers(tombstones: Tombstones) -> str:
    """Whether a row quotes or answers a forgotten post."""
    return any_of(_has_tombstone(tombstones, column) for column in ("quote_of", "reply_to", "conversation_id"))


def _holding(tombstones: Tombstones) -> str:
    """SQL: part and row of posts whose record holds a forgotten post."""
    # Joins, since a list of all tombstones would be searched for every record.
    return f"""
    SELECT part, row FROM (SELECT part, row, platform, unnest(inside.ids) AS value FROM traces_records)
    WHERE {_has_tombstone(tombstones, "value")}
    UNION
    SELECT part, row FROM (SELECT part, row, platform, unnest(inside.handles) AS value FROM traces_records)
    WHERE {tombstones.named(AUTHOR, "platform", "lower(value)")}
    """


def _has_tombstone(tombstones: Tombstones, value: str) -> str:
    """SQL: whether an id has a tombstone, one that was made meanwhile too."""
    hashes = f"(SELECT hash FROM tombstones WHERE kind = {literal(POST)})"
    made = f"coalesce({tombstones.hash(POST, 'platform', value)} IN {hashes}, false)"
    return f"{made} OR {tombstones.named_anywhere(value)}"
