"""The public application: the edition that was published last, read through the same API, and nothing else."""
