"""Records for the Climate Action Data Trust: made of a project, checked by the published rules."""
