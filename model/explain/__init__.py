"""What drives a verdict: the gap part by part, sensitivity, and what one more fact would be worth."""
