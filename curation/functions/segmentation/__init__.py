"""Words in scripts that write no spaces between them, learned from the texts themselves, without a dictionary."""
