"""What if: questions about rules that a corpus answers without a run.

::

    trial.py      what another recipe would say of the posts of a corpus
    bench.py      what all trials on a corpus share, kept from one to the next: for sliders
    variants.py   recipes that differ a little from the one that made a corpus
    credit.py     what each rule is good for: what it removes, and what only it removes
    sweep.py      how many posts are kept for each value of a parameter
    values.py     the values of a sweep, as people write them

Two recipes beside each other are `curation.asking.comparison`.
"""
