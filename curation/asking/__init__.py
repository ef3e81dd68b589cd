"""What a recipe would say of the posts of a corpus, without changing the corpus.

`judge` is the only evaluator: `sweep`, `credit`, `comparison`, `pins` and the dashboard ask it. It knows corpora and
engines, and no page. `training`, `report`, `dashboards` and `cli` may import it.
"""
