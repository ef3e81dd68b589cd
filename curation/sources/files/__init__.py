"""Files and archives of posts: finding, recognising and reading them, with the place of every record.

It opens files and leaves the reading of a record to `dialects` and `records`. Only sources may import it.
"""
