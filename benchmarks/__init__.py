"""Ratios against a baseline in the same run; one file per claim of the README."""
