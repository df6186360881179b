"""Rows as data frames of other libraries, which are loaded when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from ._native import Rows

__all__ = ["need", "to_arrow", "to_pandas", "to_polars"]


def need(module: str, extra: str) -> Any:
    """A library that the package does without, or advice."""
    import importlib

    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        raise ModuleNotFoundError(
            f"this needs {module}: `pip install 'pluriverse[{extra}]'` installs it", name=error.name
        ) from None


def to_arrow(rows: Rows) -> pyarrow.Table:
    table: pyarrow.Table = need("pyarrow", "pandas").table(rows)
    return table


def to_polars(rows: Rows, names: bool) -> polars.DataFrame:
    library = need("polars", "polars")
    frame: polars.DataFrame = library.DataFrame(rows)
    if names:
        kinds = rows.kinds
        named = library.Enum(kinds)
        index = library.col("kind")
        # Since version 2 a cast alone does not take an index for a name.
        frame = frame.with_columns(index.cat.to(named) if hasattr(index.cat, "to") else index.cast(named))
    return frame


def to_pandas(rows: Rows, names: bool) -> pandas.DataFrame:
    frame: pandas.DataFrame = to_arrow(rows).to_pandas()
    if names:
        pandas = need("pandas", "pandas")
        frame["kind"] = pandas.Categorical.from_codes(
            frame["kind"].to_numpy().astype("int32"), categories=rows.kinds
        )
    return frame
