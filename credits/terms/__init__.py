"""A program's terms in a project: read, shown in words, compared with the standard."""
