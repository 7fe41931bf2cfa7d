import { useEffect, useRef, useState } from 'react';

import { usePolled } from '../server';
import { socket } from '../socket';
import { PROGRESS, readActive } from './api';
import { isActive, type Run } from './model';

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

/** The runs that go on or wait. Those that are new are looked for while the page is in view. */
export const useActive = () => usePolled(readActive);
