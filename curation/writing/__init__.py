"""Text for people: in columns of a terminal, as HTML, as Markdown, and in any characters.

It knows nothing of posts or files. Every shelf may import it, except `errors`, `posts` and `versions`.
"""
