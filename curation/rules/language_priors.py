"""Combines the language of a text with what the platform and the author's other posts suggest.

The answer of an engine, such as `nl=0.857 af=0.102`, says how likely each language is from the text. Two things make
some languages more likely before anyone reads the text:

- The platform's code. X was right for nine posts in ten, so its language counts as `PLATFORM` times as likely as
  another one.
- The author. The factor is the share of each language among the author's other posts, as if there were `UNKNOWN_POSTS`
  more without information; and one post in twenty (`SURPRISE`) may be in any language.

A weight is the power of such a factor: 0 leaves it out, 1 counts it in full. The answer is the language with the
largest product; its confidence is the share of that product in the sum of all.
"""

from __future__ import annotations

from curation import sql
from curation.functions.language import codes
from curation.functions.language.codes import UNDETERMINED

#: How many times more likely the platform's language is than another one: 0.9 against 0.1 / 54.
PLATFORM = 486.0
UNKNOWN_POSTS = 2
SURPRISE = 0.05
#: The number of languages if the text says nothing. Those that an answer does not list share the rest of its
#: probability, and each has at least `UNLISTED`.
LANGUAGES = 55
UNLISTED = 1e-5

#: The power of the text's probability beside the author: the words of a short post depend on each other more than the
#: engines assume. Of the labelled posts under 40 characters 96.2% are right with it, 95.4% without.
BESIDE_AUTHOR = 0.7

#: The most frequent languages of an author that count.
HANDED_ON = 12


def label(scores: str) -> str:
    """SQL: the most likely language of the answer `scores`, which is NULL or empty without any."""
    return f"coalesce(nullif(split_part({scores}, '=', 1), ''), {sql.literal(UNDETERMINED)})"


def confidence(scores: str) -> str:
    """SQL: how likely that language is, from 0 to 1; 0 without any."""
    number = f"TRY_CAST(substr({scores}, strpos({scores}, '=') + 1, 5) AS DOUBLE)"  # always three decimals
    return f"CASE WHEN starts_with({scores}, '{UNDETERMINED}=') THEN 0.0 ELSE coalesce({number}, 0.0) END"


def weigh(
    scores: str, *, platform_code: str | None, platform_weight: float, author: str | None, author_weight: float
) -> str:
    """SQL: `ROW(language, confidence)` from the answer `scores`, the platform and the author.

    `platform_code` is the platform's code. `author` is the sum of the answers for all posts of the author, including
    this one: a map, `parsed` from what `authors` gives. None leaves either out.
    """
    agrees = f"{codes.base_code('c')} = {codes.base_code('k.code')}"
    platform = f"CASE WHEN {agrees} THEN {PLATFORM**platform_weight!r} ELSE 1.0 END"
    # The author's other posts: the sum without the answer for this post.
    theirs = "greatest(coalesce(k.author[c], 0) - coalesce(k.text[c], 0), 0)"
    posts = "greatest(coalesce(k.author['posts'], 0) - (len(k.listed) > 0)::INT, 0)"
    smoothing = f"({posts} + {UNKNOWN_POSTS})"
    author_share = _surprising(f"({theirs} * {LANGUAGES} + {UNKNOWN_POSTS}) / {smoothing}", author_weight)
    author_rest = _surprising(f"{UNKNOWN_POSTS} / {smoothing}", author_weight)
    left = "greatest(1.0 - coalesce(list_sum(map_values(k.text)), 0.0), 0.0)"
    text = f"coalesce(k.text[c], greatest({left} / {LANGUAGES}, {UNLISTED}))"
    beside = f"CASE WHEN {posts} > 0 THEN {1 - (1 - BESIDE_AUTHOR) * author_weight!r} ELSE 1.0 END"
    product, rest = (f"pow({text}, {beside})", f"pow({left}, {beside})") if author else (text, left)
    languages = ["k.listed"]
    if platform_code:
        product += f" * {platform}"
        languages.append(
            f"CASE WHEN k.code IS NULL OR list_contains(list_transform(k.listed, lambda c: {codes.base_code('c')}), "
            f"{codes.base_code('k.code')}) THEN [] ELSE [{codes.base_code('k.code')}] END"
        )
    if author:
        product += f" * {author_share}"
        rest += f" * {author_rest}"
        languages.append("list_filter(map_keys(k.author), lambda c: c <> 'posts')")
    counted = (
        f"{{text: {parsed(scores)}, listed: map_keys({parsed(scores)}), code: {platform_code or 'NULL::VARCHAR'}, "
        f"author: {author or 'MAP {}::MAP(VARCHAR, DOUBLE)'}}}"
    )
    weighed = f"list_transform(list_distinct(list_concat({', '.join(languages)})), lambda c: ROW({product}, c))"
    # In a fixed order, so that the last bit of the sums is the same in every run.
    products = f"list_sort({weighed})"
    total = "list_sum(list_transform(w, lambda one: one[1]))"
    answer = (
        f"CASE WHEN len(w) = 0 OR w[-1][1] <= {{rest}} THEN ROW({sql.literal(UNDETERMINED)}, 0.0) "
        f"ELSE ROW(w[-1][2], w[-1][1] / ({total} + {{rest}})) END"
    ).format(rest="r")
    chosen = f"list_transform([ROW({products}, {rest})], lambda x: {_let('x[1]', 'w', _let('x[2]', 'r', answer))})[1]"
    return f"list_transform([{counted}], lambda k: {chosen})[1]"


def authors(candidates: str = "candidates", also: str = "") -> str:
    """SQL: for each post the sum of its author's answers, from a table of `key`, `scores`, `part` and `row`.

    The sum looks like an answer: `posts=120.000 nl=98.310 en=20.005`. It adds whole thousandths, so the order of the
    posts does not matter. `also` is another column of the table that is handed on.
    """
    return f"""
        WITH answers AS (
            SELECT key, unnest(string_split(scores, ' ')) AS answer FROM {candidates} WHERE scores <> ''
        ), languages AS (
            SELECT key, split_part(answer, '=', 1) AS code,
                sum(CAST(round(CAST(split_part(answer, '=', 2) AS DOUBLE) * 1000) AS BIGINT)) AS thousandths
            FROM answers WHERE NOT starts_with(answer, {sql.literal(f"{UNDETERMINED}=")}) GROUP BY ALL
        ), posts AS (
            SELECT key, count(*) * 1000 AS thousandths FROM {candidates} WHERE scores <> '' GROUP BY key
        ), ranked AS (
            SELECT key, list(ROW(thousandths, code) ORDER BY thousandths DESC, code)[:{HANDED_ON}] AS most
            FROM languages GROUP BY key
        ), summed AS (
            SELECT key, array_to_string(list_transform(
                list_concat([ROW(thousandths::HUGEINT, 'posts')], most),
                lambda one: one[2] || '=' || printf('%.3f', one[1] / 1000)
            ), ' ') AS author
            FROM posts JOIN ranked USING (key)
        )
        SELECT part, row, scores, author{also and f", {also}"} FROM {candidates} LEFT JOIN summed USING (key)
    """


def weighed(*, platform_weight: float, author_weight: float) -> str:
    """SQL: the language and the confidence of each post, from a table `candidates`, as `authors` takes it.

    With a `platform_weight` it also has `code`, the platform's code. Nine posts in ten share their answer with another
    post of the author, so each answer is weighed once, and each author's sum is parsed once.
    """
    code = "code" if platform_weight else ""
    answer = ["scores", "author", *([code] if code else [])]
    same = " AND ".join(f"whole.{name} IS NOT DISTINCT FROM weighed.{name}" for name in answer)
    value = weigh(
        "scores",
        platform_code=code or None,
        platform_weight=platform_weight,
        author="others",
        author_weight=author_weight,
    )
    return f"""
        WITH whole AS ({authors(also=code)}), maps AS (
            SELECT author, {parsed("author")} AS others FROM (SELECT DISTINCT author FROM whole)
        ), weighed AS (
            SELECT answers.*, {value} AS answer FROM (SELECT DISTINCT {", ".join(answer)} FROM whole) AS answers
            JOIN maps ON answers.author IS NOT DISTINCT FROM maps.author
        )
        SELECT part, row, answer[1] AS language, answer[2] AS confidence FROM whole JOIN weighed ON {same}
    """


def _surprising(factor: str, weight: float) -> str:
    return f"pow({1 - SURPRISE} * {factor} + {SURPRISE}, {float(weight)!r})"


def _let(value: str, name: str, body: str) -> str:
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def parsed(answer: str) -> str:
    """SQL: an answer as a map from code to number; empty without one."""
    pair = "ROW(split_part(e, '=', 1), CAST(split_part(e, '=', 2) AS DOUBLE))"
    # What is undetermined is no language, but part of what the text leaves open.
    listed = f"list_filter(string_split(nullif({answer}, ''), ' '), lambda e: NOT starts_with(e, '{UNDETERMINED}='))"
    pairs = f"list_transform({listed}, lambda e: {pair})"
    return f"coalesce(map_from_entries({pairs}), MAP {{}}::MAP(VARCHAR, DOUBLE))"
