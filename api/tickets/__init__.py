"""Handing a resident over to a person: tickets, the contact a resident leaves, and when staff answer."""
