"""The search for near-duplicates by many workers. No worker has all texts; the result is that of one machine.

1. Workers find equal canonical texts in partitions.
2. The remaining texts are sorted by preference and cut into segments, so each text has a number. A worker signs each
   segment.
3. In each round, workers propose pairs, each worker from some of the buckets. A pair then goes to the segment of its
   later text, takes that text along to the segment of its earlier text, and is verified there.

The process that runs the loop of `curation.sameness.rounds` only sees similar pairs, and a bit for each text.
"""
