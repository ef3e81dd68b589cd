"""How the files of an export get into their folder: written aside, described, and put in place in one step.

The rest of `curation.exports` and `curation.forgetting` may import it.
"""
