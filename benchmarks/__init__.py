"""What the client costs, beside a reference in the same run. Ratios, never limits of a test."""
