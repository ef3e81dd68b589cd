"""The dashboard: pages that draw what `dashboards.queries` asks a corpus.

::

    server.py     the server, for this machine alone; it prepares what the first visitor would wait for
    app.py        the frame of every page: navigation, choice of the corpus, what to do without one
    session.py    the context of a page: the workspace, a snapshot of the corpus, the view in the address
    view.py       the view: which posts a page shows, as an address and as SQL
    snapshot.py   one state of a corpus, queried with SQL, with a cache of answers
    queries/      one file a subject: every figure and row that a page draws; never imports Streamlit
    charts/       one file a subject: every chart, as Vega-Lite JSON
    markup.py     posts as HTML in which a stranger's text stays text
    parts/        cards of posts, facets, sliders: parts of pages
    pages/        one file a page, only drawing
"""
