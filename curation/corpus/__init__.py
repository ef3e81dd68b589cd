"""The result of a run: every post with its verdict, the ledger over it, and why a post was removed.

`curate` makes a corpus, and the rest reads one. Every shelf above `engines` may import it.
"""
