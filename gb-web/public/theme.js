// Runs before the first paint so that a chosen theme does not flash; a file of its own because the page allows no inline scripts.
try {
  const theme = JSON.parse(localStorage.getItem('gb.preferences') || '{}').theme;
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden or hold something else: the system's theme is shown.
}
