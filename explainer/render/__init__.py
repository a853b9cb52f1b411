"""Numbers to pictures: quantised atlases, and the binary frames that the browser draws from."""
