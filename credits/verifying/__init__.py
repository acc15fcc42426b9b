"""A period's check: the sample, the verifier's work, what his findings correct."""
