"""The server itself: modules, hooks, the pipeline and a connection's life."""
