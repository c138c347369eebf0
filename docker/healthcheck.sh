#!/bin/sh
# Wait until LocalStack's ready hooks have ended; succeed when all of them, the bootstrap among them, did. A check comes
# every two seconds for as long as the container runs: curl takes a sixth of the time of Python.
set -u
ready() { curl --silent --fail --max-time 2 http://127.0.0.1:4566/_localstack/init/ready; }
until ready | grep -q '"completed": *true'; do sleep 0.1; done
! ready | grep -Eq '"state": *"(ERROR|RUNNING|UNKNOWN)"'
