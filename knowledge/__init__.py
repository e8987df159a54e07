"""What is known: policy documents, approved entries and programmes, and how they are published."""
