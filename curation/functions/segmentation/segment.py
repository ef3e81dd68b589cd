"""The word that SQL gets for cutting texts: every word of a script without spaces stands between separators."""

from __future__ import annotations

import functools
import hashlib
import re

from curation.functions.base import BatchFunction
from curation.functions.segmentation.clusters import KATAKANA, RUNS
from curation.functions.segmentation.lexicon import Lexicon

#: Stands between words; a blank for Python and for `curation.sql.BLANKS`, and nobody types it.
SEPARATOR = "\x1f"
_RUN = re.compile(f"({RUNS.pattern})|{KATAKANA.pattern}")


def segment(texts: list[str], *, lexicon: Lexicon) -> list[str]:
    """Each text with a separator around each word of a script without spaces."""
    cut = functools.lru_cache(maxsize=100_000)(lexicon.cut)  # most runs are short and come back

    def separated(match: re.Match[str]) -> str:
        words = cut(match[0]) if match[1] else [match[0]]
        return SEPARATOR + SEPARATOR.join(words) + SEPARATOR

    return [_RUN.sub(separated, text) for text in texts]


def segmenter(lexicon: Lexicon) -> BatchFunction:
    """The word for a lexicon."""
    digest = hashlib.sha256(repr(sorted(lexicon.scores.items())).encode()).hexdigest()[:12]
    return BatchFunction(f"segment_{digest}", "1", "VARCHAR", functools.partial(segment, lexicon=lexicon), cost=20.0)
