"""pyhttpd: an HTTP server that takes Apache 2.2 configurations unchanged."""

__version__ = "0.1.0"
