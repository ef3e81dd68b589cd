"""How posts become bytes: one file for each format, and the sink that it writes to.

Nothing here knows which posts were chosen. `curation.exports` and the code that reads exported files back import it.
"""
