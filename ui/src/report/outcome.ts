import { useSyncExternalStore } from 'react';

import type { Report } from './report';

/** What is known of the last run's cost: its report, or in `words` why there is none. */
export interface Outcome {
  report?: Report;
  words: string;
}

/** In place of a report the server may say why there is none. */
type Answer = { data?: unknown; extensions?: { marquee?: Report | { refused: string } } };

const UNTRIED = { words: 'Run a query to see what it costs.' };
const REFUSED = 'No report: the query was refused before it ran.';
const FORBIDDEN = 'No report: this server does not give them.';
const UNANSWERED = 'No report: there was no answer.';

let latest: Outcome = UNTRIED;
const listeners = new Set<() => void>();

function publish(outcome: Outcome): void {
  latest = { ...outcome };
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useLatestOutcome = (): Outcome => useSyncExternalStore(subscribe, () => latest);

/** The shown answer goes away, and with it what it has cost. */
export const forgetReport = (): void => publish(UNTRIED);

export const noteNoAnswer = (): void => publish({ words: UNANSWERED });

/** The answer as a client sees that did not ask for a report; the report goes to the panel. */
export function takeReport(answer: Answer): object {
  const { marquee, ...others } = answer.extensions ?? {};
  if (!marquee) {
    publish({ words: 'data' in answer ? FORBIDDEN : REFUSED });
    return answer;
  }
  publish('refused' in marquee ? { words: marquee.refused } : { report: marquee, words: '' });
  const { extensions: _, ...rest } = answer;
  return Object.keys(others).length > 0 ? { ...rest, extensions: others } : rest;
}
