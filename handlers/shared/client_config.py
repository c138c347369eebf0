"""How every AWS client of the handlers behaves.

The clients themselves are attributes of `emit` and `storage`, made while those are imported: Lambda gives an
environment its full CPU to initialise, so that the first invocation finds them ready, and every later one reuses
their connections.
"""

from botocore.config import Config

# One try and three retries of a call that hangs still end within a function's 60 seconds.
CLIENT_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 4},
    tcp_keepalive=True,
    # Else botocore puts it together from thirty parts twice a call, which takes 0.2 ms of CPU time.
    user_agent="eventdriven-handlers",
)
