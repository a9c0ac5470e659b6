"""What is here is for Windows alone, and collected nowhere else."""

from __future__ import annotations

import sys

collect_ignore_glob = [] if sys.platform == "win32" else ["test_*.py"]
