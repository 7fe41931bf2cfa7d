import { useSyncExternalStore, type MouseEvent } from 'react';

const MOVED = 'marquee:moved';

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(MOVED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(MOVED, listener);
  };
}

/** The path of the page, kept up to date. */
export const usePath = (): string => useSyncExternalStore(subscribe, () => window.location.pathname);

/** The trace that a path names; undefined for the list. */
export function traceIdOf(path: string): string | undefined {
  const name = /^\/traces\/([^/]+)\/?$/.exec(path)?.[1];
  try {
    return name && decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Follows a link of ours within the page; new tabs and windows stay the browser's business. */
export function follow(event: MouseEvent<HTMLAnchorElement>): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const back = window.location.search;
  window.history.pushState({ back }, '', event.currentTarget.href);
  window.dispatchEvent(new Event(MOVED));
  window.scrollTo(0, 0);
}

/** The list as it was when this trace was opened from it. */
export const listHref = (): string => `/traces${(window.history.state as { back?: string } | null)?.back ?? ''}`;

/** Changes query or hash in place. */
export const rewrite = (suffix: string): void =>
  window.history.replaceState(window.history.state, '', window.location.pathname + suffix);
