"""The detail types that every workflow shares: how a function answers the state that waits for it, or Lambda for it."""

DONE = "done"
FAILED = "failed"
# What Lambda itself says of a function that crashed, ran out of time, or failed as often as it is retried.
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
LAMBDA = "lambda"
INVOCATION_FAILED = "Lambda Function Invocation Result - Failure"
