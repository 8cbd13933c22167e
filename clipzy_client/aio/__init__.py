"""The asynchronous client.

`clipzy_client/sync` is made from this folder by `make gen`; only `runtime.py` is written for each by hand.
"""
