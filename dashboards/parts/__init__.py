"""Parts of pages: cards of posts, facets, sliders. Only pages and other parts may import them."""
