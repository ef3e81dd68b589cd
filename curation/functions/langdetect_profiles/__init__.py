"""langdetect's profiles, for many texts at once.

There are two answers from the same n-grams. `replay` gives the answer of the seeded library, draw for draw, at ten
times its speed. `scoring` counts every n-gram once instead of drawing some at random: it has no seed, and is ten times
faster again. The profiles and the normalization of characters come from the package langdetect.
"""
