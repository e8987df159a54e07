"""What residents see in a browser: the chat page, the widget's files and the readable policy texts.

Owns templates, styles and the widget's script. It reads the published knowledge from the app's
services and knows nothing of search, dialogue or the store: the widget speaks to the public API.
"""

from api.web.pages import not_found_page, page, router

__all__ = ["not_found_page", "page", "router"]
