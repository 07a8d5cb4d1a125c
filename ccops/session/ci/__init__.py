"""A job of GitHub Actions: plan, apply and validate, and tell the pull request of it."""
