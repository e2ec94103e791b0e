"""Vendors' services on loopback. Each is read by the vendor's own client in the tests, so it is no idea of ours."""
