"""When two texts are the same: canonical text, skeleton, shingles, signatures, and the search for near-duplicates.

The ladder, each rung a rule of its own: the same text, the same canonical text, nearly the same text (a verified
Jaccard similarity of shingles), the same skeleton.
"""
