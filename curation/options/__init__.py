"""What can be set: one frozen record for each subject, and the bounds, units and words of its fields.

The command line, the page, the manifest, the commands on a card, and the docs are all made from the record.
"""
