"""Every chart, one file a subject."""
