"""Which language a text is in.

langdetect and its like were made for documents. What they get here was prepared (`curation.rules.language_words`):
the words of a post and nothing else. Where the script leaves one language (`scripts`), no engine is asked; where
it leaves a few, the engine (`engines`) chooses among those. An answer is the likeliest languages with their
probabilities, as a text, so that SQL can weigh in what else is known (`curation.rules.language_priors`).
"""

from curation.functions.language.codes import UNDETERMINED, normal_code, said_by_platform
from curation.functions.language.engines import (
    ENGINES,
    MODES,
    identify_languages,
    known_languages,
    require_engine,
    scorer,
)

__all__ = [
    "ENGINES",
    "MODES",
    "UNDETERMINED",
    "identify_languages",
    "known_languages",
    "normal_code",
    "require_engine",
    "said_by_platform",
    "scorer",
]
