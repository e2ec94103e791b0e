"""Singer: any ``tap-…`` is a source: a program of its own that writes messages, one a line.

The specification is at https://hub.meltano.com/singer/spec.
"""
