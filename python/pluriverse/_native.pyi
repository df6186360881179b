"""The engine, as `crates/python` makes it."""

__version__: str
