"""Text for people: in the columns of a terminal, as HTML, as Markdown, and in any characters."""
