"""What a recipe of one's own would do: tests."""
