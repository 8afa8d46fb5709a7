"""From a claim and a run to a verdict: quantities stated, checks, axes, the sentence."""
