"""What every gRPC call shares: identity, errors, request ids, logging."""
