"""Queued work: one durable workflow a job, six checkpointed stages."""
