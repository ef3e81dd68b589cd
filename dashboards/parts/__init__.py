"""Parts of pages: cards of posts, facets, sliders.

They hold what more than one page draws, or what one page has too much of. Only pages and other parts may import
them.
"""
