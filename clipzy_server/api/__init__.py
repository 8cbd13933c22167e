"""Typed gRPC services of clipzy.v1."""
