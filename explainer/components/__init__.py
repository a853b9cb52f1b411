"""ConvScope's own Streamlit components: a folder each, with its Python, ES modules and CSS."""
