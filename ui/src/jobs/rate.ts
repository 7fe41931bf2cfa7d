import { useRef } from 'react';

import { doneOf, type Run } from './model';

/** What the rate is taken from: the last so many milliseconds. */
const WINDOW_MS = 20_000;
const LEAST_MS = 1000;

interface Sample {
  at: number;
  done: number;
}

export interface Pace {
  /** Items a second; null where it is not known yet. */
  rate: number | null;
  /** Seconds; null where the total or the rate is not known. */
  left: number | null;
}

/** How fast a run comes on, by what was seen of it, not by its start: it may have been paused. */
export function usePace(run: Run): Pace {
  const samples = useRef<Sample[]>([]);
  const done = doneOf(run);
  const last = samples.current.at(-1);
  if (run.status !== 'RUNNING') samples.current = [];
  else if (last === undefined || last.done !== done) samples.current = [...recent(samples.current), { at: Date.now(), done }];
  return paceOf(samples.current, run);
}

const recent = (samples: Sample[]): Sample[] => samples.filter(({ at }) => Date.now() - at < WINDOW_MS);

export function paceOf(samples: Sample[], run: Run): Pace {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < LEAST_MS || last.done <= first.done) return { rate: null, left: null };
  const rate = ((last.done - first.done) * 1000) / (last.at - first.at);
  return { rate, left: run.total === null ? null : Math.max(0, run.total - doneOf(run)) / rate };
}
