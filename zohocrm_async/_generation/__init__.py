"""attrs classes written from what an organisation says of its fields."""
