"""How a compiled recipe runs over shards: the contract, the one stage loop, and the engine of this machine.

An engine takes files and gives files; it knows nothing of corpora. `corpus` and the shelves above may import it.
"""
