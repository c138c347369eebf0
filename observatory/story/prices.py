"""What AWS charges in us-east-1, in dollars, as its price pages said in June 2026; the first prices, no free tier.

https://aws.amazon.com/step-functions/pricing/
https://aws.amazon.com/eventbridge/pricing/
https://aws.amazon.com/lambda/pricing/ (x86)
https://aws.amazon.com/s3/pricing/ (S3 Standard)
"""

DATED = "June 2026"
REGION = "us-east-1"

PRICES = {
    "state transitions": 25.00e-6,
    "express executions": 1.00e-6,
    "express GB-seconds": 16.67e-6,
    "events": 1.00e-6,
    "invocations": 0.20e-6,
    "GB-seconds": 16.6667e-6,
    "S3 writes": 5.00e-6,
    "S3 reads": 0.40e-6,
}
