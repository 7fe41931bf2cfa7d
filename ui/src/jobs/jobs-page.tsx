import { useCallback, useEffect, useState } from 'react';

import { plural } from '../timeline/format';
import { History } from './history';
import { useActive } from './live';
import type { Run } from './model';
import { RunCard } from './run-card';

/** What runs and waits, live; below it what has ended. */
export function JobsPage() {
  const { value: runs, problem, look } = useActive();
  const [version, setVersion] = useState(0);

  const onChange = useCallback(() => {
    look();
    setVersion((number) => number + 1);
  }, [look]);
  const onEnd = useCallback((_: Run) => onChange(), [onChange]);
  // A run that ended while nobody looked is gone from the list: it is among those that have ended.
  const ids = runs?.map(({ id }) => id).join(' ');
  useEffect(() => {
    if (ids !== undefined) setVersion((number) => number + 1);
  }, [ids]);

  return (
    <main className="jobs">
      <h1>Jobs</h1>
      {problem && <p role="alert">{problem}</p>}
      <h2>Now</h2>
      <p role="status" className="quiet">
        {runs && noteOf(runs)}
      </p>
      {runs && runs.length > 0 && (
        <ol className="cards" aria-label="Runs that go on or wait">
          {runs.map((run) => (
            <RunCard key={run.id} run={run} onEnd={onEnd} onChange={onChange} />
          ))}
        </ol>
      )}
      <h2>Ended</h2>
      <History version={version} active={runs?.map(({ id }) => id) ?? []} onChange={onChange} />
    </main>
  );
}

function noteOf(runs: Run[]): string {
  const running = runs.filter(({ status }) => status === 'RUNNING').length;
  if (runs.length === 0) return 'Nothing runs, and nothing waits.';
  return [plural(running, 'run'), runs.length > running && `${runs.length - running} waiting or paused`].filter(Boolean).join(', ');
}
