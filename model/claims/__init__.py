"""Claims in the wild: retellings, bulk checks, and what is exported about them."""
