"""Services that take messages by HTTP."""
