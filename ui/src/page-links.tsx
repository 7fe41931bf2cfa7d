const PAGES = [
  ['/browse', 'Browse'],
  ['/graphql', 'GraphiQL'],
  ['/traces', 'Traces'],
  ['/jobs', 'Jobs'],
] as const;

/** The ways from one page to the others. */
export function PageLinks({ here }: { here: string }) {
  return (
    <nav className="page-links" aria-label="Pages">
      {PAGES.map(([path, name]) => (
        <a key={path} href={path} aria-current={path === here ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}
