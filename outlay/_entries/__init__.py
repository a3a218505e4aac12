"""What ``outlay explain`` tells about the foundation's ids, one module per subject."""
