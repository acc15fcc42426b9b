"""The member's pages of the land floor: what the household has signed, or is asked to."""
