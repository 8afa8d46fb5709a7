"""Entry for ``streamlit run app.py``."""

from model.dashboard.router import main

main()
