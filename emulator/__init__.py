"""LocalStack the way this project runs it: without Docker, and with Lambda environments as processes."""
