"""Landing posts: which are new, which id each has, and what a list of a server still lacks.

It turns pages of sources into files of a workspace and knows no recipe. `cli`, `dashboards` and `forgetting` may import
it, and so may every shelf above `sources`.
"""
