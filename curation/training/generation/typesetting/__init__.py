"""Text of any script as pixels: a font for each piece, the order of right-to-left writing, and lines that fit.

Pillow shapes a piece of text in one font and one direction. What is here is the rest: which pieces there are, where
they go, and where a line ends.
"""
