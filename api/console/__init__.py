"""The staff's console: signing in, the frame around its pages, and the pages, below `/console`.

What needs NiceGUI is imported by `mounting` alone, so that the command line and the public pages start
without it. Pages know desks (`api.desk`) and parts; they know neither the store nor the index.
"""
