"""``vishwakarma demo``: a building site of many blocks, and what one can do with it."""

from vishwakarma_app.demo.running import Step, run_demo
from vishwakarma_app.demo.site import MOST_BLOCKS, build_site

__all__ = ["MOST_BLOCKS", "Step", "build_site", "run_demo"]
