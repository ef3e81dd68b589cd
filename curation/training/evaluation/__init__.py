"""A test of which recipe makes the better model: bits per character of held-out posts, with intervals.

::

    variants.py      the recipes under test, as typed
    held_out.py      the posts that models predict, fixed before any rule
    near_copies.py   which posts of the pool are near copies of them, exactly
    kept_text.py     the text that a recipe keeps, whole or within a budget, and how much of it repeats
    learners.py      kinds of models: ngram.py in NumPy, gpt.py with torch
    bootstrap.py     intervals by resampling posts
    evaluate.py      the protocol
    result.py        the result of an evaluation, and those in a workspace

>>> result = evaluate("data", variants(Workspace(Path("data")), ["baseline", "strict"]))    # doctest: +SKIP
>>> result.headline                                                                         # doctest: +SKIP
"No measurable difference between 'baseline' and 'strict'."
"""

from curation.corpus.run_context import RunContext
from curation.training.evaluation.evaluate import evaluate
from curation.training.evaluation.learners import MODELS
from curation.training.evaluation.result import LIMIT, Evaluation, evaluations, keep
from curation.training.evaluation.variants import Variant, variants

__all__ = ["LIMIT", "MODELS", "Evaluation", "RunContext", "Variant", "evaluate", "evaluations", "keep", "variants"]
