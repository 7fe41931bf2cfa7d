import { useEffect, useState } from 'react';

import { ApiError, readTrace, type Trace } from './api';

/** A trace arrives a moment after its answer: so often, and with such pauses, it is asked for. */
const TRIES = 8;
const PAUSE_MS = 500;

interface Opened {
  trace?: Trace;
  problem?: Error;
}

export function useTrace(id: string): Opened {
  const [opened, setOpened] = useState<Opened>({});
  useEffect(() => {
    const stop = new AbortController();
    waitForTrace(id, stop.signal).then(
      (trace) => setOpened({ trace }),
      (error: Error) => stop.signal.aborted || setOpened({ problem: error }),
    );
    return () => stop.abort();
  }, [id]);
  return opened;
}

async function waitForTrace(id: string, signal: AbortSignal): Promise<Trace> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await readTrace(id, signal);
    } catch (error) {
      const isMissing = error instanceof ApiError && error.code === 'NO_SUCH_TRACE';
      if (!isMissing || tries === TRIES) throw error;
    }
    await new Promise((resolve) => window.setTimeout(resolve, PAUSE_MS));
  }
}
