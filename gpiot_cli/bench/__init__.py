"""What judges models, adapters and ablations."""
