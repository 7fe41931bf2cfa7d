import { useState } from 'react';

import { number } from '../timeline/format';
import { Actions } from './actions';
import { Details } from './details';
import { useLive } from './live';
import { doneOf, span, stateOf, titleOf, type Run } from './model';
import { usePace, type Pace } from './rate';

interface Props {
  run: Run;
  onEnd: (run: Run) => void;
  onChange: () => void;
}

/** A run that goes on or waits, live. */
export function RunCard({ run: listed, onEnd, onChange }: Props) {
  const run = useLive(listed, onEnd);
  const pace = usePace(run);
  const [isOpen, setOpen] = useState(false);
  const title = `${titleOf(run.type)}${run.library ? ` · ${run.library.name}` : ''}`;
  return (
    <li className="card" data-run={run.id}>
      <div className="card-head">
        <h3>{title}</h3>
        <span className={`state ${run.status.toLowerCase()}`}>{stateOf(run)}</span>
        <Actions run={run} onDone={onChange} />
      </div>
      <Bar run={run} title={title} />
      <p className="numbers">{numbersOf(run, pace).join(' · ')}</p>
      {run.currentItem !== null && run.status === 'RUNNING' && (
        <p className="item" title={run.currentItem}>
          {run.currentItem}
        </p>
      )}
      {run.error !== null && <p className="failure">The last attempt failed: {run.error}</p>}
      <button type="button" className="more" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? 'Less' : 'Log and numbers'}
        <span className="unseen"> of {title}</span>
      </button>
      {isOpen && <Details run={run} />}
    </li>
  );
}

/** Its length is what is done of the total; one without a known total only says that it runs. */
function Bar({ run, title }: { run: Run; title: string }) {
  if (run.percent !== null) return <progress aria-label={title} max={100} value={run.percent} className={run.status.toLowerCase()} />;
  if (run.status === 'RUNNING') return <progress aria-label={title} />;
  return <progress aria-label={title} max={100} value={0} />;
}

function numbersOf(run: Run, { rate, left }: Pace): string[] {
  const done = number(doneOf(run));
  return [
    run.total === null && run.status === 'QUEUED' ? '' : run.total === null ? done : `${done} of ${number(run.total)}`,
    run.percent === null ? '' : `${Math.floor(run.percent)} %`,
    run.failed > 0 ? `${number(run.failed)} failed` : '',
    rate === null ? '' : `${rate < 10 ? rate.toFixed(1) : number(Math.round(rate))} a second`,
    left === null ? '' : `${span(left)} left`,
    run.attempts > 1 ? `attempt ${run.attempts} of ${run.maxAttempts}` : '',
  ].filter(Boolean);
}
