"""A published notice in, a draft programme out. Plain data, no framework, no clock, no network."""
