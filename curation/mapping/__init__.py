"""Maps: kept posts as points, so that posts that say similar things are close together.

::

    DIR/maps/<corpus>/map.parquet     a row for each post: x, y, its cluster, its nearest neighbours
                      manifest.json   the corpus, the model, the options and the versions
    DIR/.memo/vectors-…               vectors of texts, so that the next map only computes those of new posts

A map is made of a corpus and may be deleted at any time. Nothing here uses the network. scikit-learn and openTSNE are
the extra `map`; they are imported only where a map is made, so whatever reads one works without them.
"""
