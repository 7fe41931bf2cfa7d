import { useEffect, useState, type RefObject } from 'react';

import { listTraces, type Filter, type List } from './api';

const EVERY_MS = 2000;

interface Listed {
  list?: List;
  /** Said while the server does not answer. */
  problem: string;
}

/** The list for a filter. It is read anew while the page is in view and `isHeld` does not say that somebody points. */
export function useList(filter: Filter, isHeld: RefObject<boolean>): Listed {
  const [listed, setListed] = useState<Listed>({ problem: '' });
  const { operation, minMs, errors } = filter;

  useEffect(() => {
    const stop = new AbortController();
    let isReading = false;
    const read = async () => {
      if (isReading) return; // it may wait for a key, for long
      isReading = true;
      try {
        const list = await listTraces({ operation, minMs, errors }, stop.signal);
        setListed({ list, problem: '' });
      } catch (error) {
        if (!stop.signal.aborted) setListed(({ list }) => ({ list, problem: wordsFor(error) }));
      } finally {
        isReading = false;
      }
    };
    void read();
    const timer = window.setInterval(() => {
      if (!document.hidden && !isHeld.current) void read();
    }, EVERY_MS);
    return () => {
      stop.abort();
      window.clearInterval(timer);
    };
  }, [operation, minMs, errors, isHeld]);
  return listed;
}

const wordsFor = (error: unknown): string =>
  error instanceof TypeError || error instanceof SyntaxError
    ? `No answer from ${window.location.host}. Trying again.`
    : (error as Error).message;
