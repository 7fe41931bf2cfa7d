import { useState } from 'react';

import { wordsFor } from '../server';
import { act } from './api';
import { titleOf, type Action, type Run } from './model';

const LABELS: Record<Action, string> = { PAUSE: 'Pause', RESUME: 'Resume', CANCEL: 'Cancel', RETRY: 'Retry' };

/** The buttons of a run: the server says which can work; `onDone` is called when the server has taken one. */
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
      {run.actions.map((action) => (
        <button key={action} type="button" disabled={isBusy} onClick={() => void press(action)}>
          {LABELS[action]}
          <span className="unseen"> {titleOf(run.type)}</span>
        </button>
      ))}
      {problem && <p role="alert">{problem}</p>}
    </div>
  );
}
