"""Edits: a plan, frames and samples in, frames and samples out."""
