"""The engine, as `crates/python` makes it."""

__all__ = ["__version__"]

__version__: str
