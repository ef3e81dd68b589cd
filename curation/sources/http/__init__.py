"""HTTP for sources: waiting and trying again, JSON of a server, tokens, items of a page."""
