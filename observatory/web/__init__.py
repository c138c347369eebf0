"""The web application: the runs, each run, and the architecture, live in a browser."""
