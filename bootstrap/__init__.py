"""What exists in the AWS account, and how it comes to be: create or update, compare, remove."""
