import { useState } from 'react';

import { act, wordsFor, type Action } from './api';
import { titleOf, type Run } from './model';

const LABELS: Record<Action, string> = { pauseJob: 'Pause', resumeJob: 'Resume', cancelJob: 'Cancel', retryJob: 'Retry' };

/** What can be done with a run in its state. */
function actionsFor({ status, stopRequest }: Run): Action[] {
  if (stopRequest === 'CANCEL') return [];
  switch (status) {
    case 'RUNNING':
      return stopRequest === 'PAUSE' ? ['cancelJob'] : ['pauseJob', 'cancelJob'];
    case 'QUEUED':
      return ['pauseJob', 'cancelJob'];
    case 'PAUSED':
      return ['resumeJob', 'cancelJob'];
    case 'FAILED':
    case 'CANCELLED':
      return ['retryJob'];
    default:
      return [];
  }
}

/** The buttons of a run; `onDone` is called when the server has taken one. */
export function Actions({ run, onDone }: { run: Run; onDone: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const press = async (action: Action) => {
    setBusy(true);
    try {
      await act(action, run.id);
      setProblem('');
      onDone();
    } catch (error) {
      setProblem(wordsFor(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="actions">
      {actionsFor(run).map((action) => (
        <button key={action} type="button" disabled={isBusy} onClick={() => void press(action)}>
          {LABELS[action]}
          <span className="unseen"> {titleOf(run.type)}</span>
        </button>
      ))}
      {problem && <p role="alert">{problem}</p>}
    </div>
  );
}
