"""The unattended run."""
