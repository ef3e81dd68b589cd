"""The colours of charts, badges and reports; people who see no red or green can tell them apart."""

KEPT, REMOVED = "#1a7f64", "#e07b39"
#: For what is neither kept nor removed.
NEUTRAL = "#8a8f98"
#: Behind white words, where `REMOVED` is too bright.
REMOVED_DARK = "#9a4a12"
