"""What is in the corpus, and what the rules did."""

from __future__ import annotations

import streamlit as st

from dashboards.session import here

place = here()
st.title("Overview")
counts = place.manifest["counts"] if hasattr(place, "manifest") else place.snapshot.manifest["counts"]
st.metric("Downloaded", f"{counts['downloaded']:,}")
