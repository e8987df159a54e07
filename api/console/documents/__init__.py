"""The parts that the pages of documents are made of; the pages themselves stand in `pages/documents*.py`."""
