"""Forgetting: which posts go, where their traces are, and how every file loses them for good.

It stands at the top of the house and knows every holder of posts. Only `dashboards` and `cli` may import it.
"""
