"""Who and what is in a pool: projects, enrolment, the right to each field's days."""
