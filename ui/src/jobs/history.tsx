import { useCallback, useEffect, useState } from 'react';

import { wordsFor } from '../server';
import { number } from '../timeline/format';
import { Actions } from './actions';
import { readEnded, type Page } from './api';
import { Details, momentOf } from './details';
import { ranFor, span, stateOf, titleOf, type Run } from './model';

interface Props {
  /** Read anew when it changes. */
  version: number;
  /** Ids of runs that go on again, and are shown elsewhere. */
  active: string[];
  onChange: () => void;
}

/** Runs that have ended, newest first, a page more with each press of the button. */
export function History({ version, active, onChange }: Props) {
  const [page, setPage] = useState<Page>();
  const [problem, setProblem] = useState('');

  useEffect(() => {
    const stop = new AbortController();
    readEnded(null, stop.signal)
      .then((read) => {
        // What was paged to stays in view behind what is new.
        setPage((shown) => (shown && version > 0 ? joined(read, shown) : read));
        setProblem('');
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setProblem(wordsFor(error));
      });
    return () => stop.abort();
  }, [version]);

  const readMore = useCallback(async () => {
    if (!page) return;
    try {
      const older = await readEnded(page.pageInfo.endCursor);
      setPage({ nodes: [...page.nodes, ...older.nodes], pageInfo: older.pageInfo });
      setProblem('');
    } catch (error) {
      setProblem(wordsFor(error));
    }
  }, [page]);

  if (!page) return problem ? <p role="alert">{problem}</p> : null;
  const runs = page.nodes.filter(({ id }) => !active.includes(id));
  if (runs.length === 0 && !page.pageInfo.hasNextPage) return <p className="quiet">No run has ended yet.</p>;
  return (
    <>
      <ol className="history" aria-label="Ended runs">
        {runs.map((run) => (
          <EndedRun key={run.id} run={run} onChange={onChange} />
        ))}
      </ol>
      {problem && <p role="alert">{problem}</p>}
      {page.pageInfo.hasNextPage && (
        <button type="button" className="older" onClick={() => void readMore()}>
          Older runs
        </button>
      )}
    </>
  );
}

/** The first page as it is now, and what was shown behind it. */
function joined(first: Page, shown: Page): Page {
  const known = new Set(first.nodes.map(({ id }) => id));
  const last = first.nodes.at(-1);
  const behind = shown.nodes.filter(({ id }) => !known.has(id) && last !== undefined && order(id) < order(last.id));
  return { nodes: [...first.nodes, ...behind], pageInfo: behind.length > 0 ? shown.pageInfo : first.pageInfo };
}

/** Runs come by their ids: "job_run_12" -> 12 */
const order = (id: string): number => Number(id.slice(id.lastIndexOf('_') + 1));

function EndedRun({ run, onChange }: { run: Run; onChange: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const ran = ranFor(run);
  const title = `${titleOf(run.type)}${run.library ? ` · ${run.library.name}` : ''}`;
  return (
    <li data-run={run.id} className={run.status.toLowerCase()}>
      <div className="line">
        <button type="button" className="name" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {title}
        </button>
        <span className={`state ${run.status.toLowerCase()}`}>{stateOf(run)}</span>
        <span className="amount">
          {number(run.succeeded)} {run.succeeded === 1 ? 'item' : 'items'}
          {run.failed > 0 && <b>, {number(run.failed)} failed</b>}
        </span>
        <span className="amount">{ran === null ? '' : span(ran)}</span>
        <time dateTime={run.endedAt ?? run.queuedAt}>{momentOf(run.endedAt ?? run.queuedAt)}</time>
        <Actions run={run} onDone={onChange} />
      </div>
      {run.error !== null && !isOpen && <p className="failure reason">{run.error}</p>}
      {isOpen && <Details run={run} />}
    </li>
  );
}
