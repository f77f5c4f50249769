"""From a published notice to a programme: what was read, what a person decided about each line, and what was confirmed."""
