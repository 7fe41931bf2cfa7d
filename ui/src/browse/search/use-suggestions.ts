import { useEffect, useState } from 'react';

import type { Choice } from '../address';
import { readSuggestions, type Suggestions } from '../data/suggestions';

/** Milliseconds without another letter, after which the server is asked. */
const PAUSE = 120;
const NONE: Suggestions = { items: [], cost: null };

/** What may be meant by `prefix`; nothing while it is empty. Those of the prefix before stay until the new ones come. */
export function useSuggestions(prefix: string, choice: Choice): Suggestions {
  const [found, setFound] = useState(NONE);
  useEffect(() => {
    if (!prefix) return setFound(NONE);
    const stop = new AbortController();
    const timer = window.setTimeout(() => {
      // A box without suggestions still searches: what went wrong is told with the results.
      readSuggestions(prefix, choice, stop.signal).then(setFound, () => stop.signal.aborted || setFound(NONE));
    }, PAUSE);
    return () => {
      window.clearTimeout(timer);
      stop.abort();
    };
  }, [prefix]);
  return found;
}
