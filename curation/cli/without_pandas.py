"""Arrow without pandas, which it loads where it is installed, in a tenth of a second, and no source of ours needs.

It looks for pandas once, when it first makes an array of a list, and has no option for that. Whoever asks it for a data
frame afterwards still gets one.
"""

from __future__ import annotations

import sys


class _NoPandas:
    """A finder of modules that finds no pandas."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Leave other modules to the next finder. Raises `ModuleNotFoundError` for pandas."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


def spare_pandas() -> None:
    """Have Arrow look for pandas now, and find none."""
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array([None])
    finally:
        sys.meta_path.remove(_NoPandas)
