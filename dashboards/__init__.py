"""The dashboard: pages that draw what `dashboards.queries` asks of a corpus.

::

    server.py     what serves them, on this machine alone
    warm.py       what the first visitor would wait for, made ready meanwhile
    app.py        the beginning of every page: navigation, which corpus, what to do when there is none
    session.py    what a page is given: the workspace, a snapshot of the corpus, the view that the address names
    view.py       the view: which posts are looked at, as the address says it and as SQL
    snapshot.py   a corpus as it stood when the page began, asked with SQL, answers kept
    queries/      one file a subject: every figure and row that a page draws; knows nothing of Streamlit
    charts/       one file a subject: every chart, as Vega-Lite's JSON
    markup.py     posts as HTML in which nothing that a stranger wrote acts
    parts/        cards of posts, facets, sliders: parts of pages
    pages/        one file a page, only drawing
"""
