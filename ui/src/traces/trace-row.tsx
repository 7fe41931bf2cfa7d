import { duration, number } from '../timeline/format';
import type { Summary } from './api';
import { fieldsLabel } from './model';
import { follow } from './router';

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** One trace of the list; all of it is the link. `longest` is the length of a full bar in milliseconds. */
export function TraceRow({ trace, longest }: { trace: Summary; longest: number }) {
  return (
    <li>
      <a data-row href={`/traces/${trace.traceId}`} onClick={follow} className={classOf(trace)}>
        <span className="operation">
          <small>{trace.type}</small> {trace.operation ?? <i>{fieldsLabel(trace.rootFields) || 'without a name'}</i>} <Tags trace={trace} />
        </span>
        <span className="length">
          <b>{duration(trace.durationMs)}</b>
          <meter aria-hidden="true" min={0} max={longest || 1} value={trace.durationMs} />
        </span>
        <Count value={trace.statements} unit="statement" />
        <Count value={trace.batches} unit="batch" many="batches" />
        <Count value={trace.rows} unit="row" />
        <time dateTime={trace.startedAt} title={`${trace.startedAt}, worker ${trace.worker}`}>
          {momentOf(new Date(trace.startedAt))}
        </time>
      </a>
    </li>
  );
}

const classOf = ({ errors, introspection }: Summary): string =>
  [errors > 0 && 'failed', introspection && 'introspection'].filter(Boolean).join(' ');

function Tags({ trace }: { trace: Summary }) {
  return (
    <>
      {trace.introspection && <small className="kind">schema</small>}
      {trace.split && <mark>split</mark>}
      {trace.errors > 0 && <mark>{trace.errors === 1 ? 'error' : `${trace.errors} errors`}</mark>}
    </>
  );
}

function Count({ value, unit, many = `${unit}s` }: { value: number; unit: string; many?: string }) {
  return (
    <span className="count">
      {number(value)}
      <small> {value === 1 ? unit : many}</small>
    </span>
  );
}

/** The time of day, with the date before it unless it is today's. */
function momentOf(moment: Date): string {
  const isToday = moment.toDateString() === new Date().toDateString();
  return isToday ? TIME.format(moment) : `${DAY.format(moment)} ${TIME.format(moment)}`;
}
