"""Tests against real clusters and object stores, which `make cluster-test` starts on loopback and stops again."""
