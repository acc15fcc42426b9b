"""Credits from issuance to their end: blocks, serials, sales, removals, reversals."""
