"""What the pages for writing and review are put together from: forms, pickers, previews, differences.

Everything that somebody typed is shown as plain text. These parts speak to desks only.
"""
