"""The parts of a model's card that come from its training: data, settings, curves.

The rest of `curation.training` and the command line may import it.
"""
