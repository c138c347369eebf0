"""What CloudWatch Logs does otherwise than on AWS: filter patterns, searches, subscriptions."""
