"""When two texts are the same: canonical text, skeleton, shingles, signatures, and the search for near-duplicates.

There are four degrees, each with a rule of its own: the same text, the same canonical text, nearly the same text (a
verified Jaccard similarity of shingles), and the same skeleton.
"""
