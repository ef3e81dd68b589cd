"""Training: a model out of curated text, text out of a model, and whether one recipe makes a better model than another.

::

    DIR/models/NAME/                 the newest version: what transformers loads, the card, `training.json`
    DIR/models/NAME@v0/              older versions, each a folder of the same kind
    DIR/models/NAME/.posts.parquet   which posts the model saw; never sent anywhere
    DIR/models/.training/NAME/       a training that goes on, or waits for --resume

torch, transformers, safetensors and peft are the extra `train`. They are imported where they are needed, so that
everything which only reads (`curation models`, the dashboard, forgetting, cards) works without them.
"""
