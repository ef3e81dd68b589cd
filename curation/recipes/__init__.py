"""A recipe: its TOML text, the ordered rules, and the plan of statements; nothing here touches data."""
