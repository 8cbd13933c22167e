"""Measurements: frames and samples in, domain values out."""
