"""The synchronous client. Made from `clipzy_client/aio` by `make gen`; only `runtime.py` is written by hand."""
