"""How evenly each author uses each word over the months, and the function words that follow from it.

Function words (`the`, `de`, `から`) come first in every list of frequent words, and say nothing of a voice. No list of
them is shipped, since there are more languages than lists: they are learned. An author's function words are the most
frequent ones, as long as they make up `COVERED` of all pairs of a post and one of its words, that are also spread
evenly over the author's months (DPnorm below `EVEN`), which names, topics and fashions are not.

Every other word has a weight: posts · excess² · (1 − DPnorm). The excess is DPnorm over months less what chance gives a
word of so many posts. Words of content come in waves, and words of grammar do not (Church and Gale 1995), so an even
word weighs little; so does a word of one single month. The weights of several authors are added up, since a word is not
special for being English.

Authors with few posts count as one, with the name "".
"""

from __future__ import annotations

from collections.abc import Sequence

from curation.asking.vocabulary import cells
from curation.asking.vocabulary.cells import Cells
from curation.asking.vocabulary.index_file import WordIndex

#: Share of all pairs of a post and a word that function words make up, and the greatest DPnorm of one.
COVERED, EVEN = 0.35, 0.35
#: Most function words of an author, and most authors whose function words are learned.
MOST_GRAMMAR, AUTHORS = 200, 25
#: Fewest kept posts of an author with a name of their own here.
ENOUGH = 200

#: The kinds of terms that have spreads.
SPREAD = ("words", "phrases")


def voices(index: WordIndex) -> list[str]:
    """The authors with enough posts, most first."""
    rows = index.rows(
        "SELECT author FROM {cells} WHERE verdict = 'kept' GROUP BY author "
        f"HAVING sum(posts) >= {ENOUGH} ORDER BY sum(posts) DESC, author LIMIT {AUTHORS}"
    )
    return [author for (author,) in rows]


def write_spreads(index: WordIndex, named: Sequence[str]) -> None:
    """Add the spreads of all terms among kept posts to an index."""
    for kind in SPREAD:
        query, parameters = spreads(kind, cells.kept(), named)
        index.write(f"{kind}-spreads", f"{query} ORDER BY voice, term", parameters)


def learn_grammar(index: WordIndex, named: Sequence[str]) -> dict[str, list[int]]:
    """The numbers of the function words of each voice, from the spreads."""
    return {voice: _grammar(index, voice) for voice in (*named, "")}


def _grammar(index: WordIndex, voice: str) -> list[int]:
    [(pairs,)] = index.rows("SELECT coalesce(sum(posts), 0)::BIGINT FROM {words-spreads} WHERE voice = ?", (voice,))
    rows = index.rows(
        "SELECT term, posts, spread FROM {words-spreads} WHERE voice = ? AND term IN (SELECT term FROM {words}) "
        f"ORDER BY posts DESC, term LIMIT {MOST_GRAMMAR}",
        (voice,),
    )
    answer, covered = [], 0
    for term, posts, spread in rows:
        if covered >= COVERED * pairs:
            break
        covered += posts
        if spread < EVEN:
            answer.append(term)
    return answer


def spreads(kind: str, where: Cells, named: Sequence[str]) -> tuple[str, tuple[object, ...]]:
    """SQL: posts, DPnorm over months and weight of each term of each voice in some cells; and its parameters."""
    query = f"""
        WITH chosen AS (
            SELECT *, CASE WHEN list_contains(?, author) THEN author ELSE '' END AS voice FROM {{cells}}
            WHERE {where.condition}
        ),
        months AS (SELECT voice, month, sum(posts) AS size FROM chosen GROUP BY ALL),
        total AS (
            SELECT voice, sum(size) AS size, min(size) AS least, sum(sqrt(size)) / sqrt(sum(size)) AS roots
            FROM months GROUP BY voice
        ),
        parts AS (
            SELECT term, voice, month, sum(n.posts) AS posts FROM {{{kind}-counts}} AS n JOIN chosen USING (cell)
            GROUP BY ALL
        ),
        sums AS (SELECT term, voice, sum(posts) AS posts FROM parts GROUP BY ALL),
        far AS (
            SELECT term, voice, any_value(sums.posts) AS posts,
                   (sum(abs(parts.posts / sums.posts - months.size / total.size)) + 1
                    - sum(months.size / total.size)) / 2 / nullif(1 - any_value(total.least / total.size), 0) AS far,
                   -- The mean of |v - s| for counts that are due to chance alone (half-normal), over all months.
                   any_value(total.roots) * sqrt(2 / (pi() * any_value(sums.posts))) / 2 AS chance
            FROM parts JOIN sums USING (term, voice) JOIN months USING (voice, month) JOIN total USING (voice)
            GROUP BY ALL
        ),
        bounded AS (SELECT *, greatest(0, least(1, coalesce(far, 0))) AS spread FROM far)
        SELECT term, voice, posts::BIGINT AS posts, spread::DOUBLE AS spread,
               (posts * pow(greatest(spread - chance, 0), 2) * (1 - spread))::DOUBLE AS weight
        FROM bounded"""
    return query, (list(named), *where.parameters)
