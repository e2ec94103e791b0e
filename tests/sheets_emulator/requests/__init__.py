"""The kinds of requests of `spreadsheets.batchUpdate`, a module for each family. What none of them knows is refused."""

from . import (
    banding,
    cells,
    conditional_formats,
    developer_metadata,
    dimensions,
    filters,
    finding,
    merges,
    names,
    objects,
    pasting,
    protection,
    sorting,
    tables,
    tabs,
)

FAMILIES = (
    banding,
    cells,
    conditional_formats,
    developer_metadata,
    dimensions,
    filters,
    finding,
    merges,
    names,
    objects,
    pasting,
    protection,
    sorting,
    tables,
    tabs,
)
