"""What the app itself keeps: conversations, their messages and what residents thought of them."""
