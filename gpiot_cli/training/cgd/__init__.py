"""The code generation data set: from what packages document to pairs that were run."""
