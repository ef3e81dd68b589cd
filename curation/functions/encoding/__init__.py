"""Text that was decoded with the wrong encoding: what is repaired, how it is recorded, what is left.

`by_ftfy` is ftfy behind a test that the database evaluates. `mac_roman`, `layers` and `controls` know what ftfy
leaves or gets wrong; `repair` puts all of it together; `kinds` names what was found; `damage` counts what is left.
"""

from __future__ import annotations

from curation.functions.encoding.by_ftfy import ENCODINGS_RECORD, FIX_ENCODINGS, badness_pattern, fix_encodings
from curation.functions.encoding.damage import DAMAGED
from curation.functions.encoding.kinds import KINDS
from curation.functions.encoding.repair import FIX_MOJIBAKE, MOJIBAKE_RECORD, suspect_pattern

__all__ = [
    "DAMAGED",
    "ENCODINGS_RECORD",
    "FIX_ENCODINGS",
    "FIX_MOJIBAKE",
    "KINDS",
    "MOJIBAKE_RECORD",
    "badness_pattern",
    "fix_encodings",
    "suspect_pattern",
]
