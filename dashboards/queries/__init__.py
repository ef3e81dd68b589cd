"""Every figure and row that a page draws, one file a subject; nothing here knows Streamlit."""
