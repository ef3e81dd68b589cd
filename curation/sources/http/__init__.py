"""HTTP for sources: waiting and trying again, JSON of a server, tokens, items of a page.

It knows no platform. Only sources and `scraping` may import it.
"""
