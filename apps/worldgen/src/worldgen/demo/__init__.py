"""The demo: a server with its workshop, a world, a map that is checked, and two attacks."""

from worldgen.demo.running import DemoFailed, Step, run_demo, walk

__all__ = ["DemoFailed", "Step", "run_demo", "walk"]
