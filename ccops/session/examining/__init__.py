"""What `ccops doctor` looks at, subject by subject: facts in, one check out."""
