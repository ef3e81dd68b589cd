"""Text of any script as pixels: a font for each piece, the order of right-to-left writing, and lines that fit.

Pillow shapes a piece of text in one font and one direction. This folder does the rest: it finds the pieces, places
them, and ends the lines.
"""
