"""Queues of posts to decide, what was drawn, and how often a recipe was wrong."""
