"""The colours of charts, badges and reports, told apart also by those who see no red or green."""

KEPT, REMOVED = "#1a7f64", "#e07b39"
#: For what is neither kept nor removed.
NEUTRAL = "#8a8f98"
#: Behind white words, on which `REMOVED` is too bright.
REMOVED_DARK = "#9a4a12"
