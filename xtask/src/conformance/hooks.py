"""What schemathesis does not know of the server's media types: that files are sent as they are."""

import schemathesis

FILES = (
    "application/vnd.apache.arrow.file",
    "application/vnd.apache.parquet",
    "application/x-ndjson",
)


@schemathesis.serializer(*FILES)
def file(context, value):
    if not isinstance(value, (bytes, str)):
        # Wrapped bytes, or what is no file at all.
        value = getattr(value, "data", str(value))
    return {"data": value.encode(errors="ignore") if isinstance(value, str) else value}
