"""Web services as data: what ``[sources.NAME]`` and the shipped descriptions say of one, as frozen values."""
