"""Every chart, one file a subject, as Vega-Lite's JSON.

Nothing here asks a corpus. Pages and `parts` may import it.
"""
