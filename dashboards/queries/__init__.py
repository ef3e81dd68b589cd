"""Every figure and row of the pages, one file a subject. Nothing here imports Streamlit."""
