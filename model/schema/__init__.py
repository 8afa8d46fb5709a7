"""What people write, as strict and frozen models."""
