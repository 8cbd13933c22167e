"""What every call shares: identity, request ids, failures, access log and the gRPC server itself."""
