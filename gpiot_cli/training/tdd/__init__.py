"""The task decomposition dataset: problem → ordered sub-tasks (GPIoT, section 4.1.1)."""
