"""What can be set: one frozen record for each subject, and the bounds, units and words of its fields.

From the record come the command line, the page, the manifest, the commands that a card shows, and the docs. Every
shelf above may import it; it knows only errors and text.
"""
