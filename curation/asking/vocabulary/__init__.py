"""The words of a corpus: what a voice says, what a rule does to it, and the lists of tags, mentions, links and clients.

Everything is counted in posts, not in occurrences: a word typed ten times in one post counts once, so a figure here is
the number of posts that Browse finds, and one post can't make a word frequent.
"""
