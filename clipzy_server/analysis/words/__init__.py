"""Words that lie over the picture: where, when, how large, in what colour, and what they say."""
