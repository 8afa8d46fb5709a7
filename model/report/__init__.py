"""Reports that travel: one content, made from the dashboard's view models, written as HTML, PDF or Markdown."""
