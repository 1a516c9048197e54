"""DevPiolt's three stages: pre-training, fine-tuning and refinement of a recommendation adapter."""
