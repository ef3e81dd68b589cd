"""Text that was decoded with the wrong encoding: repairs, their record, and what remains.

`by_ftfy` is ftfy behind a test that the database evaluates. `mac_roman`, `layers` and `controls` repair what ftfy
leaves or gets wrong; `repair` combines all of them; `damage` names the kinds, and finds what remains.
"""
