"""pyhttpd beside Apache and nginx: `python -m benchmarks`; docs/benchmarks.md says how to read it."""
