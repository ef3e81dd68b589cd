"""Forgetting: what shall be gone, where its traces are, and how every file loses them for good."""
