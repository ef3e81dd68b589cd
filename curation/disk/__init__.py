"""What lies on the disk: the workspace, landings, whole files, manifests, ranges, tombstones, compaction.

It knows paths, locks and formats of files, and neither rules nor sources. Every shelf above `sql` may import it.
"""
