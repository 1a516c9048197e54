"""The parts of a simulated home: its devices, its people, its weather, and what they make happen."""
