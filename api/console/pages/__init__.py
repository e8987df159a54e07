"""The console's pages, one module each; `mounting` imports all that are here."""
