"""The domains behind X's short links: texts have `t.co`, and the original record of a post the address behind it.

Only landed posts are read, of which `forget` leaves none. A post without its record, or of a source that keeps no
addresses, has no domain here.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from curation.asking.vocabulary.terms import HOST
from curation.disk.landings import landed_files
from curation.disk.reading import landed_rows, reading, while_they_stand
from curation.disk.workspace import Workspace

#: Where records have the addresses: archives of X and its APIs, dumps of GraphQL, twscrape.
PATHS = ("$.entities.urls[*].expanded_url", "$.legacy.entities.urls[*].expanded_url", "$.links[*].url")
#: The short domain, which is no answer.
SHORT = "t.co"
#: The table without posts.
EMPTY = "CREATE OR REPLACE TABLE behind (platform VARCHAR, id VARCHAR, hosts VARCHAR[])"


def write_hosts(connection: duckdb.DuckDBPyConnection, space: Workspace) -> None:
    """Make the table `behind`: the domains behind the short links of each post, from the latest landing of it.

    Raises `WorkspaceError` for a damaged landing.
    """

    def find(landings: list[Path]) -> None:
        files = landed_files(landings)
        connection.execute(EMPTY)
        if files:
            with reading(files):
                connection.execute(f"INSERT INTO behind {_hosts(landed_rows(files))}")

    while_they_stand(space, find)


def _hosts(rows: str) -> str:
    has = f"contains(text, '{SHORT}/') AND contains(raw, '{SHORT}/')"
    addresses = ", ".join(f"coalesce(json_extract_string(record, '{path}'), [])" for path in PATHS)
    return f"""
        SELECT platform, id, list_distinct(list_filter(
            list_transform(list_concat({addresses}), lambda t: {HOST}), lambda t: t NOT IN ('', '{SHORT}')
        )) FROM (
            SELECT platform, id, landing, row, TRY_CAST(raw AS JSON) AS record FROM {rows} WHERE {has}
        ) QUALIFY row_number() OVER (PARTITION BY platform, id ORDER BY landing DESC, row DESC) = 1
    """
