"""Numba loops over pictures that are looked at for words."""
