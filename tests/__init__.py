"""The tests: a package by name, since some distributions bring a stray one called alike."""
