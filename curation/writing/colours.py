"""The colours of charts, badges and reports; people who see no red or green can tell them apart."""

KEPT, REMOVED = "#1a7f64", "#e07b39"
#: For what is neither kept nor removed.
NEUTRAL = "#8a8f98"
#: Behind white words, where `REMOVED` is too bright.
REMOVED_DARK = "#9a4a12"

#: Those of rules, so that a rule has one colour on every page: warm tones, far from that of kept posts.
_OF_RULES = {
    "retweet": "#e07b39", "reply": "#b5622a", "quote": "#f0a35e", "automated": "#b0486e",
    "min_words": "#c44f3f", "min_chars": "#c44f3f", "max_words": "#8f3a2e",
    "exact_duplicate": "#8a63b0", "canonical_duplicate": "#8a63b0", "near_duplicate": "#5f74c0", "template": "#c080c4",
    "language": "#c2a02c", "damaged": "#7d6a2a", "url_only": "#d98ba0", "emoji_only": "#d98ba0",
    "hashtag_ratio": "#a8705a", "mostly_mentions": "#96568f", "repetition": "#d4796a",
}  # fmt: skip
#: For all other rules, a person's own ones too.
_OTHERS = ("#b5622a", "#a8705a", "#96568f", "#7d6a2a", "#d4796a", "#c080c4")


def rule_colour(name: str) -> str:
    """The colour of a rule, by its name in the recipe."""
    if name in _OF_RULES:
        return _OF_RULES[name]
    return REMOVED_DARK if name == "by_hand" else _OTHERS[sum(name.encode()) % len(_OTHERS)]
