"""What EventBridge does otherwise than on AWS: rules and their patterns, what targets get, what PutEvents takes."""
