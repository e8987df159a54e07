"""A WeChat official account as a channel: what it receives, answers in time, and may send by itself.

What an account may do depends on its kind (`account.py`). Off unless its settings are given.
"""

CHANNEL = "wechat"
