"""Review: queues of posts to decide by hand, the record of what was drawn, and how often a recipe was wrong."""
