"""Values → text; escaping happens here and nowhere else."""
