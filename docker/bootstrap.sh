#!/bin/sh
# LocalStack runs this when it is up; its health check waits for it, and fails when it fails.
set -eu
cd /opt/sandbox
AWS_ENDPOINT_URL=http://127.0.0.1:4566 /opt/code/localstack/.venv/bin/python -m bootstrap up
