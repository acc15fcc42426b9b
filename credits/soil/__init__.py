"""Soil rounds: strata, points, sheets for the field, results of the laboratory."""
