"""snscrape behind the source of that name: importing it, one page at a time, and its items as rows.

Only `curation.sources.snscrape_feed` may import it.
"""
