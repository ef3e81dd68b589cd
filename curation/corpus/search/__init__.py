"""A search in posts, as people type it: words, phrases, `OR`, `-word`, `/regular expressions/`, fields.

`parse` reads it; the result is SQL with parameters for the table `posts` (`Search.condition`), and the places that it
found in a text (`Search.spans`), which a page marks. `SIGNS` and `FIELDS` say what can be typed, for every help.

A word is found as a whole word, whatever its case: `coffee` is not in `#educoffee`, and `*coffee*` is. In scripts
without blanks (Japanese, Chinese, Thai, Lao, Khmer, Burmese) a word is found anywhere in running text; in Korean,
endings may follow it. `curation.corpus.search.spelling` says what a whole word is.
"""

from curation.corpus.search.fields import FIELDS, SIGNS, Field
from curation.corpus.search.nodes import Search
from curation.corpus.search.query import parse

__all__ = ["FIELDS", "SIGNS", "Field", "Search", "parse"]
