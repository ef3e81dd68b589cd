"""Every chart in the JSON of Vega-Lite, one file a subject. Nothing here queries a corpus."""
