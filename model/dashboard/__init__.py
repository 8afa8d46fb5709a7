"""The Streamlit dashboard. Streamlit is imported here and in ``app.py`` alone."""
