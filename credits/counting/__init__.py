"""A period's tonnes: what is gathered, how it is counted, what is published of it."""
