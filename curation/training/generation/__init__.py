"""Text out of a model: its samples, what they repeat of the training text, and a picture of three of them.

Only `loading` and `generate` need torch; what is copied is looked up, and pictures are drawn, without it.
"""
