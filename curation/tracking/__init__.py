"""What was made, when, out of what, and with which options: a record for every command that makes something.

::

    DIR/runs/20260304T050607Z-export-5f0c91ab.json    one file a run, as `curation.tracking.run_record` has it
    DIR/runs/index.sqlite                             where to look things up; made anew out of the files at any time
    DIR/runs/wandb/, DIR/runs/trackio/                what `--track` mirrors to, unless the environment says where

A record never holds what a post says, nor a token. A command never fails, and never loses its result, because its
record could not be written: a note says so, and `curation lineage` then tells what the manifests know.

>>> from curation.tracking import recorded                                                  # doctest: +SKIP
>>> with recorded("data", "export", {"seed": 1}) as run:                                    # doctest: +SKIP
...     run.exported(corpus, out, curation.export(corpus, ["text"], out, seed=1))
"""

from __future__ import annotations

from curation.tracking.recorder import Recording, recorded

__all__ = ["Recording", "recorded"]
