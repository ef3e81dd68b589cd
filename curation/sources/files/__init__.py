"""Files and archives of posts: finding, recognising and reading them, with the place of every record."""
