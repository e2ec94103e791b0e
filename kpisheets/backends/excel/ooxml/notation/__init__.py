"""How cells, references, values and markup are written, and what they mean."""
