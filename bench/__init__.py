"""`make bench`: Songhe against the plainest fast way of doing the same, side by side in one run (docs/bench.md)."""
