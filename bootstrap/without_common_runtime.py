"""Import this first: botocore then goes without AWS's common runtime, a tenth of a bootstrap's time.

Multi-Region access points and some checksums need it, and no request of a bootstrap does:
https://docs.aws.amazon.com/sdkref/latest/guide/common-runtime.html
"""

import sys
from typing import Any

modules: dict[str, Any] = sys.modules
# Whoever has imported botocore with it cannot go without any more.
if "botocore" not in modules:
    modules["awscrt"] = None
