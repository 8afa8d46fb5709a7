"""Track record: GPU-hours predicted for runs whose hours were disclosed."""
