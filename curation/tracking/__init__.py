"""A record for every command that makes something: what it made, when, from what, and with which options.

::

    DIR/runs/20260304T050607Z-export-5f0c91ab.json    one file a run, as `curation.tracking.run_record` has it
    DIR/runs/index.sqlite                             an index, which can always be made anew from the files
    DIR/runs/wandb/, DIR/runs/trackio/                for `--track`, unless the environment names another place

A record never holds the text of a post, nor a token. A record that can't be written is a note: the command keeps its
result, and `curation lineage` then uses the manifests.

>>> from curation.tracking import recorded                                                  # doctest: +SKIP
>>> with recorded("data", "export", {"seed": 1}) as run:                                    # doctest: +SKIP
...     run.exported(corpus, out, curation.export(corpus, ["text"], out, seed=1))
"""

from __future__ import annotations

from curation.tracking.recorder import Recording, recorded

__all__ = ["Recording", "recorded"]
