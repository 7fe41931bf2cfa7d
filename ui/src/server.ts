import { useCallback, useEffect, useState } from 'react';

import { askForAnotherKey, keyOfTab, untilAnswered } from './key/key';

const EVERY_MS = 2000;

/** `fetch` with this tab's key. Where the server wants one, or another one, the person is asked, and it is tried again. */
export async function fetchWithKey(url: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  // Whoever writes the header in GraphiQL's own editor wants just that one to be sent.
  if (headers.has('authorization')) return fetch(url, init);
  for (;;) {
    await untilAnswered();
    init.signal?.throwIfAborted();
    const key = keyOfTab();
    if (key !== null) headers.set('authorization', `Bearer ${key}`);
    const response = await fetch(url, { ...init, headers });
    if (response.status !== 401) return response;
    // Another request may have brought a new key meanwhile.
    if (keyOfTab() === key) await askForAnotherKey();
  }
}

/** What a person is told of an answer that did not come. */
export const wordsFor = (error: unknown): string =>
  error instanceof TypeError || error instanceof SyntaxError
    ? `No answer from ${window.location.host}. Trying again.`
    : (error as Error).message;

export interface Polled<T> {
  /** The last answer. */
  value?: T;
  /** Said while the server does not answer. */
  problem: string;
}

interface Polling<T> extends Polled<T> {
  /** Reads it now. */
  look: () => void;
}

/** What `read` gives, now, whenever it is another function, and every other second while the page is in view and
 *  `isHeld` does not say that it must stay as it is. One answer is waited for before the next is asked for. */
export function usePolled<T>(read: (signal: AbortSignal) => Promise<T>, isHeld?: () => boolean): Polling<T> {
  const [polled, setPolled] = useState<Polled<T>>({ problem: '' });
  const [asked, setAsked] = useState(0);

  useEffect(() => {
    const stop = new AbortController();
    let isReading = false;
    const readOnce = async () => {
      if (isReading) return; // it may wait for a key, for long
      isReading = true;
      try {
        const value = await read(stop.signal);
        setPolled({ value, problem: '' });
      } catch (error) {
        if (!stop.signal.aborted) setPolled((before) => ({ ...before, problem: wordsFor(error) }));
      } finally {
        isReading = false;
      }
    };
    void readOnce();
    const timer = window.setInterval(() => {
      if (!document.hidden && !isHeld?.()) void readOnce();
    }, EVERY_MS);
    return () => {
      stop.abort();
      window.clearInterval(timer);
    };
  }, [read, isHeld, asked]);
  return { ...polled, look: useCallback(() => setAsked((number) => number + 1), []) };
}
