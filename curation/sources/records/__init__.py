"""Records as platforms and tools write them, each made a row of the raw schema.

Nothing here opens a file or a connection. Sources, `dialects`, `files` and `scraping` may import it.
"""
