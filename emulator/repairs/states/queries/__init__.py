"""JSONata: its language, the process that evaluates it, and those who ask that process."""
