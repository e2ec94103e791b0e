"""The file as a zip archive: entries unpacked and packed, and those that stay copied as they are."""
