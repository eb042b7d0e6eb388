"""Configuration: text in, typed layers out. Knows nothing of HTTP."""
