"""One request over HTTPS and what its answer, or its silence, means: for all that is sent somewhere."""
