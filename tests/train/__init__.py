"""Tests of training that need torch."""
