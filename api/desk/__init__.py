"""The staff's side of each service: checks the right of whoever calls, then calls.

Pages and API call only these.
"""
