import { useMemo, useSyncExternalStore, type MouseEvent } from 'react';

import { placeOf, type Place } from './address';

/** What an entry of the browser's history is known by, as long as the page is open. */
interface Entry {
  entry: number;
  /** How many entries before it the results stand that it was opened from; null where there are none. */
  results: number | null;
}

/** Where an entry was left: how far it was scrolled, and what was open in it. */
interface Left {
  scroll: number;
  focus: string | null;
}

const MOVED = 'marquee:moved';
const left = new Map<number, Left>();

window.history.scrollRestoration = 'manual';
// Numbers of this load of the page: those of an earlier one, which a reload leaves in the history, are not known here.
let last = Date.now();
if (!entryOf()) window.history.replaceState({ entry: last, results: null } satisfies Entry, '');

function entryOf(): Entry | null {
  return window.history.state as Entry | null;
}

/** The number of the entry at hand. */
export const entryNumber = (): number => entryOf()?.entry ?? 0;

window.addEventListener('scroll', () => note({ scroll: window.scrollY }), { passive: true });

function note(part: Partial<Left>): void {
  left.set(entryNumber(), { ...(left.get(entryNumber()) ?? { scroll: 0, focus: null }), ...part });
}

/** Goes to an address of this page; `replace`: in place of the one at hand. */
export function goTo(href: string, { replace = false, focus = null as string | null } = {}): void {
  if (replace) {
    window.history.replaceState(window.history.state, '', href);
  } else {
    note({ focus });
    last += 1;
    window.history.pushState({ entry: last, results: resultsBeforeNext() } satisfies Entry, '', href);
    window.scrollTo(0, 0);
  }
  window.dispatchEvent(new Event(MOVED));
}

function resultsBeforeNext(): number | null {
  const { page } = placeOf(window.location.pathname, '');
  if (page === 'results') return 1;
  const results = entryOf()?.results ?? null;
  return results === null ? null : results + 1;
}

/** Follows a link of ours within the page; new tabs and windows stay the browser's business. */
export function follow(event: MouseEvent<HTMLAnchorElement>): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  goTo(event.currentTarget.href, { focus: event.currentTarget.dataset['item'] ?? null });
}

/** Back to the results: by the browser's history where they stand in it, so that they are as they were. */
export function followBack(event: MouseEvent<HTMLAnchorElement>): void {
  const results = entryOf()?.results ?? null;
  if (results === null) return follow(event);
  event.preventDefault();
  window.history.go(-results);
}

/** Brings back how far the entry at hand was scrolled; gives what was open in it. To be called once its content is there. */
export function restore(): string | null {
  const { scroll, focus } = left.get(entryNumber()) ?? { scroll: 0, focus: null };
  window.scrollTo(0, scroll);
  return focus;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(MOVED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(MOVED, listener);
  };
}

const snapshot = (): string => `${entryNumber()} ${window.location.pathname}${window.location.search}`;

/** The place that the address names, and its entry's number, kept up to date. */
export function usePlace(): { place: Place; entry: number } {
  const now = useSyncExternalStore(subscribe, snapshot);
  return useMemo(
    () => ({ place: placeOf(window.location.pathname, window.location.search), entry: entryNumber() }),
    [now],
  );
}
