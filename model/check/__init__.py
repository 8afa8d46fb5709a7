"""Rules that go across files, for costclaim check and every test of the data."""
