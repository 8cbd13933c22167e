"""What one may do: rules and transactions, one file per noun."""
