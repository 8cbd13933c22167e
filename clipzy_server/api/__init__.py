"""The typed services of clipzy.v1: protobuf in, use cases called, protobuf out."""
