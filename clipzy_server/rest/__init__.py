"""The documented JSON of /api/v1: a façade of HttpBody calls behind the gateway."""
