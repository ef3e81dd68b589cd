"""Posts that answer one another, as turns, and the two formats that are made of them.

The rest of `curation.exports` may import it.
"""
