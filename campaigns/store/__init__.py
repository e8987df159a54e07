"""The database's side of campaigns: tables and the statements over them."""
