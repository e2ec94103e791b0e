"""What a query needs of an SQL dialect beyond expressions."""
