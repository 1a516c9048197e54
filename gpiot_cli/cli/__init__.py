"""The command lines `gpiot` and `devpiolt`."""
