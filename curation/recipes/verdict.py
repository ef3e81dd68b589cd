"""Words of the verdict: a file of its own, since the ledger reads them and must not import Arrow."""

#: The column with a post's pin. In `removed_by`: what removes a post that every rule keeps.
BY_HAND = "by_hand"
#: In ledgers: the posts that a pin keeps and the recipe alone removes; they are among the kept ones.
KEPT_BY_HAND = "kept_by_hand"
#: The same two for people.
LABELS = {BY_HAND: "Removed by hand", KEPT_BY_HAND: "Kept by hand"}
