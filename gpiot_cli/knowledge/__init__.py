"""What the model may look up: recipes and the user's own documents in a local Chroma collection."""
