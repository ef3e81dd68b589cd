"""`python -m curation` is `curation`; the entry point of both."""

import _signal  # type: ignore[import-not-found]  # `signal` takes longer to import

# Python is loaded, and the command line isn't yet: until it listens, Ctrl-C ends the process without a traceback.
if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

from curation.cli import main

if __name__ == "__main__":
    main()
