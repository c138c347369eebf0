"""Who may do what: AWS's permissions, enforced for every call that reaches LocalStack."""
