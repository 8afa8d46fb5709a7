"""One file a page: TITLE, ICON and draw(view), which reads widgets, calls the API and draws."""
