"""What the page Compare shows is what the library's comparison says."""

from __future__ import annotations

import datetime
import shlex
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from curation.comparison import compare as compared
from curation.corpus import Corpus
from curation.curate import curate
from curation.errors import RecipeError
from curation.land import land
from curation.recipe import Recipe
from curation.rules import RuleBook
from curation.sources.file import File
from curation.workspace import Workspace
from dashboards.queries import compare, thresholds
from dashboards.queries.compare import GAINED, LOST, MOVED, Asked
from dashboards.snapshot import Answers, Snapshot
