"""The methodologies asked with inputs of one's own: command, API and pages."""
