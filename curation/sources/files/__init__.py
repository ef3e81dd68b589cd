"""Files and archives of posts: finding, recognising and reading them, with the place of every record.

`dialects` and `records` read a single record. Only sources may import this package.
"""
