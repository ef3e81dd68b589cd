"""The documentation: pages that are written by hand, pages that are generated, and what checks both."""
