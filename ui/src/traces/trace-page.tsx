import { useEffect, useMemo } from 'react';

import { duration, plural } from '../timeline/format';
import { ApiError, type Trace } from './api';
import { readWaterfall, titleOf, type Waterfall } from './model';
import { follow, listHref } from './router';
import { useTrace } from './use-trace';
import { WaterfallView } from './waterfall-view';

export function TracePage({ id }: { id: string }) {
  const { trace, problem } = useTrace(id);
  return (
    <main>
      <p className="back">
        <a href={listHref()} onClick={follow}>
          ← All traces
        </a>
      </p>
      {trace && <TraceView trace={trace} />}
      {!trace && !problem && <p role="status">Waiting for the trace…</p>}
      {problem && <Missing problem={problem} />}
    </main>
  );
}

function TraceView({ trace }: { trace: Trace }) {
  const waterfall = useMemo(() => readWaterfall(trace), [trace]);
  const { operation, verdict, errors } = waterfall;
  useEffect(() => {
    document.title = `${titleOf(operation)} · Marquee`;
  }, [operation]);
  return (
    <>
      <h1>{titleOf(operation)}</h1>
      <Totals waterfall={waterfall} />
      {verdict !== 'ok' && <Alarm title="Came apart" lines={verdict.split('; ')} />}
      {errors.length > 0 && <Alarm title={errors.length === 1 ? 'Error' : 'Errors'} lines={errors} />}
      <WaterfallView waterfall={waterfall} />
      <p className="trace-id">
        Trace <code>{trace.traceId}</code>
      </p>
    </>
  );
}

function Totals({ waterfall }: { waterfall: Waterfall }) {
  const batches = waterfall.waves.reduce((sum, [, list]) => sum + list.length, 0);
  const totals = [
    duration(waterfall.durationUs / 1000),
    plural(waterfall.statements, 'statement'),
    plural(batches, 'batch', 'batches'),
    plural(waterfall.waves.length, 'wave'),
    plural(waterfall.rows, 'row'),
  ];
  return (
    <ul className="totals" aria-label="Totals">
      {totals.map((total) => {
        const [value, ...unit] = total.split(' ');
        return (
          <li key={total}>
            <b>{value}</b> {unit.join(' ')}
          </li>
        );
      })}
    </ul>
  );
}

function Alarm({ title, lines }: { title: string; lines: string[] }) {
  return (
    <div className="alarm" role="alert">
      <strong>{title}</strong>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

function Missing({ problem }: { problem: Error }) {
  const isForbidden = problem instanceof ApiError && problem.code === 'FORBIDDEN';
  return (
    <div className="empty" role="alert">
      <h2>{isForbidden ? 'Traces are not shown here' : 'This trace is not here'}</h2>
      <p>{problem.message}</p>
      {!isForbidden && <p>The server keeps the last traces only, and none over a restart.</p>}
    </div>
  );
}
