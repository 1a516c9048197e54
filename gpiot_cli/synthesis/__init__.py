"""One sentence to a working project: decompose, transform, generate, verify."""
