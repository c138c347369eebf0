"""What exists in the AWS account, and how it comes to be: create or update, compare, remove."""

import sys

# botocore loads pyOpenSSL, which LocalStack brings along, only to go round it: a tenth of a second.
sys.modules.setdefault("urllib3.contrib.pyopenssl", None)  # type: ignore[arg-type]  # which makes an import fail
