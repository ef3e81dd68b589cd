"""What can be set of an export."""

from __future__ import annotations

TRAIN, VALID = "train", "valid"

RANDOM, TIME, CONVERSATION = "random", "time", "conversation"
#: What may decide on which side a post stands.
SPLITS = (RANDOM, TIME, CONVERSATION)

#: From which similarity on texts are near copies, as in the rule `near_duplicate`, and the least that may be asked for.
NEAR, LEAST_NEAR = 0.7, 0.5

#: Fewer characters of kept text are refused, fewer than the second get a warning, as in huggingtweets.
REFUSED_BELOW = 6_000
