/** The mark: a G that is also a speech that goes on, and the point it makes. */
export function Logo({ size = 40 }: { size?: number }) {
  return (
    <svg className="logo" width={size} height={size} viewBox="0 0 64 64" aria-hidden focusable="false">
      <rect width="64" height="64" rx="15" className="logo-field" />
      <path
        d="M32 14a18 18 0 1 0 18 18H36"
        fill="none"
        className="logo-line"
        strokeWidth="6.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="47" cy="19" r="4.5" className="logo-point" />
    </svg>
  );
}
