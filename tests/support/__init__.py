"""What several suites share. Nothing here is part of the product."""
