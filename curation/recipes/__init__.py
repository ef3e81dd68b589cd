"""A recipe: its TOML text, the ordered rules, the plan, and the statements that it compiles to.

Nothing here touches data. `engines` and the shelves above may import it.
"""
