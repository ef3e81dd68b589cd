"""Names of clusters: the words that are most typical of each, against all other posts.

The words and the measures are those of `curation.asking.vocabulary`: a word counts if its log-likelihood would count
among all words, and comes in the order of the nearer end of its log ratio, weighted by the share of the cluster's posts
that have it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from curation import sql
from curation.asking.vocabulary import statistics, terms
from curation.functions.html_text import HTML_TEXT
from curation.functions.segmentation.clusters import SPACELESS
from curation.functions.segmentation.lexicon import learn
from curation.functions.segmentation.segment import segmenter
from curation.mapping.neighbours import Numbers
from curation.sql import database

#: Words of a name, least posts with a word, and the largest share of all posts: what everybody says is no topic.
WORDS, LEAST, LARGEST_SHARE = 3, 3, 0.02
#: Posts whose texts teach the words of scripts without spaces.
TEACHING = 20_000


def names_of(posts: pa.Table, clusters: Numbers, number: int) -> list[str]:
    """A name for each cluster, words with commas between them; "" where no word is typical.

    `posts` have a `text` and a `text_format`.
    """
    counts = _counted(posts, clusters)
    sizes = np.bincount(clusters[clusters >= 0], minlength=number)
    words, cluster = counts["word"].to_pylist(), counts["cluster"].to_numpy()
    here, everywhere = counts["posts"].to_numpy().astype(float), counts["everywhere"].to_numpy().astype(float)
    distinct = max(len(set(words)), 1)
    names = []
    for one in range(number):
        own = np.flatnonzero(cluster == one)
        size, rest = int(sizes[one]), posts.num_rows - int(sizes[one])
        a, b = here[own], everywhere[own] - here[own]
        ratio = statistics.log_ratio(a, b, size, rest)
        typical = statistics.nearer_end(ratio, a, b, size, rest) * np.sqrt(a / max(size, 1))
        typical[statistics.log_likelihood(a, b, size, rest) < statistics.critical(distinct)] = 0
        order = sorted(range(len(own)), key=lambda at: (-typical[at], words[own[at]]))
        names.append(", ".join(_chosen([words[own[at]] for at in order if typical[at] > 0])))
    return names


def _chosen(words: Sequence[str]) -> list[str]:
    """The first words; one that contains another, or is contained in it, says the same."""
    chosen: list[str] = []
    for word in words:
        if len(chosen) < WORDS and not any(word in other or other in word for other in chosen):
            chosen.append(word)
    return chosen


def _counted(posts: pa.Table, clusters: Numbers) -> pa.Table:
    """Posts with a word in each cluster and everywhere: `word`, `cluster`, `posts`, `everywhere`."""
    with contextlib.closing(database.connect()) as connection:
        given = pa.table({"text": posts["text"], "text_format": posts["text_format"], "cluster": pa.array(clusters)})
        connection.register("posts", given)
        spaceless = f"{sql.not_ascii('text')} AND {sql.matches('text', f'[{SPACELESS}]')}"
        taught = connection.execute(f"SELECT text FROM posts WHERE {spaceless} LIMIT {TEACHING}").fetchall()
        segment = segmenter(learn(text for (text,) in taught))
        for function in (segment, HTML_TEXT):
            function.register(connection)
        most = max(LARGEST_SHARE * posts.num_rows, 2.0 * LEAST)
        table: pa.Table = connection.sql(
            f"WITH words AS (SELECT cluster, unnest(list_distinct({terms.words(segment.name)})) AS word FROM posts), "
            f"counted AS (SELECT word, cluster, count(*)::BIGINT AS posts FROM words WHERE {terms.IS_WORD} "
            "AND length(word) > 1 GROUP BY ALL) "
            "SELECT *, (sum(posts) OVER (PARTITION BY word))::BIGINT AS everywhere FROM counted "
            f"QUALIFY posts >= {LEAST} AND everywhere <= {most} AND cluster >= 0 ORDER BY word, cluster"
        ).to_arrow_table()
        return table
