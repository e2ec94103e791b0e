"""Web services as sources: a description, which is data, says what to ask and where the records are; this reads it."""
