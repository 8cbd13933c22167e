"""Python client of Clipzy: async and sync, typed, without protobuf in its signatures."""
