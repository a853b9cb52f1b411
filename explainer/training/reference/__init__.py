"""Reference results: experiments that one command each repeats, and what they came to here."""
