import { useEffect, useRef, useState } from 'react';

import { socket } from '../socket';
import { PROGRESS, readActive, wordsFor } from './api';
import { isActive, type Run } from './model';

const LOOK_MS = 2000;

/** A run as it is now: its progress is watched while it goes on. `onEnd` is called once it has ended.
 *  Where no WebSocket comes through, it is as new as the list. */
export function useLive(listed: Run, onEnd: (run: Run) => void): Run {
  const [run, setRun] = useState(listed);
  const isWatched = useRef(false);
  const { id } = listed;

  useEffect(() => {
    if (!isWatched.current) setRun(listed);
  }, [listed]);
  useEffect(() => {
    let latest: Run | undefined;
    return socket().subscribe<{ jobProgress: { jobRun: Run } }>(
      { query: PROGRESS, variables: { id } },
      {
        next: ({ data }) => {
          if (!data) return;
          latest = data.jobProgress.jobRun;
          isWatched.current = true;
          setRun(latest);
        },
        error: () => undefined, // it was deleted: the list, which is read anew, no longer has it
        complete: () => {
          isWatched.current = false;
          if (latest && !isActive(latest)) onEnd(latest);
        },
      },
    );
  }, [id, onEnd]);
  return run;
}

interface Active {
  runs?: Run[];
  /** Said while the server does not answer. */
  problem: string;
  /** Reads the list now. */
  look: () => void;
}

/** The runs that go on or wait. Those that are new are looked for while the page is in view. */
export function useActive(): Active {
  const [runs, setRuns] = useState<Run[]>();
  const [problem, setProblem] = useState('');
  const [asked, setAsked] = useState(0);

  useEffect(() => {
    const stop = new AbortController();
    let isReading = false;
    const read = async () => {
      if (isReading) return; // it may wait for a key, for long
      isReading = true;
      try {
        setRuns(await readActive(stop.signal));
        setProblem('');
      } catch (error) {
        if (!stop.signal.aborted) setProblem(wordsFor(error));
      } finally {
        isReading = false;
      }
    };
    void read();
    const timer = window.setInterval(() => {
      if (!document.hidden) void read();
    }, LOOK_MS);
    return () => {
      stop.abort();
      window.clearInterval(timer);
    };
  }, [asked]);
  return { ...(runs && { runs }), problem, look: () => setAsked((number) => number + 1) };
}
