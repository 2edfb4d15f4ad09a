"""The statements are read as the tests of query plans read them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "query-plans"))
