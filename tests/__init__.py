"""The tests. A package, since a library that installs its own tests under this name would hide a mere folder."""
