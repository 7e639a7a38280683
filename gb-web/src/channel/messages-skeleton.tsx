/** Grey lines where messages will be. They appear only when loading takes longer than a blink. */
export function MessagesSkeleton() {
  return (
    <div className="messages-skeleton" aria-hidden>
      {[62, 38, 74, 51, 44, 68].map((width) => (
        <div key={width} className="skeleton-row">
          <div className="skeleton skeleton-face" />
          <div className="skeleton-lines">
            <div className="skeleton skeleton-name" />
            <div className="skeleton skeleton-text" style={{ width: `${width}%` }} />
          </div>
        </div>
      ))}
    </div>
  );
}
