"""A whole day of service orders dispatched at once: what waits and who can go, the rounds, the dispatching in one go."""
