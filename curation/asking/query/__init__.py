"""A person's own SQL over the posts of a corpus: one SELECT statement, in a locked process of its own.

`query` runs it, `columns_of` says what there is to ask. The statement comes from a person, or from a link that somebody
sent them. So it runs in a process (`process.py`) that can read the corpus's files and nothing else, can write nothing,
has bounds for memory, time and rows, and can be killed at any moment.
"""

from curation.asking.query.columns import ColumnOfPosts, columns_of
from curation.asking.query.query import Answer, Query, QueryError

__all__ = ["Answer", "ColumnOfPosts", "Query", "QueryError", "columns_of"]
