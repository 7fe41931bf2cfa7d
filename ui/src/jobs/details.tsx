import { useEffect, useRef, useState } from 'react';

import { wordsFor } from '../server';
import { number } from '../timeline/format';
import { readOpened, type Log, type Opened } from './api';
import type { Count, Run } from './model';
import { ReportTables } from './report';

/** What is known of a run beyond its line: why it failed, what became of its items, and the end of its log. */
export function Details({ run }: { run: Run }) {
  return (
    <div className="details">
      {run.error !== null && (
        <p className="failure">
          {run.errorCode !== null && <code>{run.errorCode}</code>} {run.error}
        </p>
      )}
      <dl>
        <Fact name="Attempts" value={`${run.attempts} of ${run.maxAttempts}`} />
        <Fact name="Queued" value={momentOf(run.queuedAt)} />
        {run.startedAt !== null && <Fact name="Started" value={momentOf(run.startedAt)} />}
        {run.endedAt !== null && <Fact name="Ended" value={momentOf(run.endedAt)} />}
      </dl>
      <Counts title="Items" counts={run.counts} />
      <Counts title="Failed items" counts={run.failures} />
      <OpenedRun run={run} />
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Counts({ title, counts }: { title: string; counts: Count[] }) {
  if (counts.length === 0) return null;
  return (
    <p>
      {title}:{' '}
      {counts.map(({ name, count }) => (
        <span key={name} className="tally">
          <code>{name}</code> {number(count)}
        </span>
      ))}
    </p>
  );
}

/** The report and the last lines of the log, read anew when the run has come further. */
function OpenedRun({ run }: { run: Run }) {
  const [opened, setOpened] = useState<Opened | null>();
  const [problem, setProblem] = useState('');
  const at = `${run.status} ${run.attempts} ${Math.floor((run.succeeded + run.failed) / 100)}`;

  useEffect(() => {
    const stop = new AbortController();
    readOpened(run.id, stop.signal)
      .then((read) => {
        setOpened(read);
        setProblem('');
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setProblem(wordsFor(error));
      });
    return () => stop.abort();
  }, [run.id, at]);
  if (problem) return <p role="alert">{problem}</p>;
  return (
    <>
      {opened?.report && <ReportTables report={opened.report} />}
      {opened?.log && <LogLines log={opened.log} />}
    </>
  );
}

function LogLines({ log }: { log: Log }) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.scrollTo(0, list.current.scrollHeight); // the newest lines are the last
  }, [log]);
  if (log.nodes.length === 0) return <p className="quiet">It has logged nothing.</p>;
  return (
    <ol ref={list} className="log" aria-label="Log" tabIndex={0}>
      {log.nodes.map(({ at: moment, level, line }, place) => (
        <li key={place} className={level.toLowerCase()}>
          <time dateTime={moment}>{CLOCK.format(new Date(moment))}</time> {level !== 'INFO' && <b>{level}</b>} {line}
        </li>
      ))}
    </ol>
  );
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** The time of day, with the date before it unless it is today's. */
export function momentOf(text: string): string {
  const moment = new Date(text);
  const isToday = moment.toDateString() === new Date().toDateString();
  return isToday ? CLOCK.format(moment) : `${DAY.format(moment)} ${CLOCK.format(moment)}`;
}
