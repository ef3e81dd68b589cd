"""The verdicts of a recipe on the posts of a corpus, without changing the corpus.

`judge` is the only evaluator: `sweep`, `credit`, `comparison`, `pins` and the dashboard use it.
"""
