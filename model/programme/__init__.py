"""A research programme simulated: from ideas, experiments and failures to the GPU-hours behind a model."""
