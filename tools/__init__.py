"""What is made from the declarations: ``python -m tools`` writes it anew."""
