"""Every figure and row that a page draws, one file a subject.

Nothing here knows Streamlit. Pages, `parts`, `charts` and `dashboards.warm` may import it.
"""
