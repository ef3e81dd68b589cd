"""Parts of pages: cards of posts, facets, sliders; what more than one page draws, or one page has too much of."""
