"""Training: models from curated text, samples from models, and a test of which recipe makes the better model.

::

    DIR/models/NAME/                 the newest version: what transformers loads, the card, `training.json`
    DIR/models/NAME@v0/              older versions, each a folder of the same kind
    DIR/models/NAME/.posts.parquet   which posts the model saw; never sent anywhere
    DIR/models/.training/NAME/       a training that runs, or waits for --resume

torch, transformers, safetensors and peft are the extra `train`. They are imported only where they are needed.
Everything that only reads (`curation models`, the dashboard, forgetting, cards) works without them.
"""
