"""Text from a model: its samples, what they copy from the training text, and a picture of three of them.

Only `loading` and `generate` need torch. Finding copies and drawing pictures work without it.
"""
