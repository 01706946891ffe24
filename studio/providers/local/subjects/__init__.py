"""One module for each thing that can stand in a picture: each paints its layers."""
