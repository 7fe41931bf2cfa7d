import { useEffect, useRef, useState } from 'react';

import { plural } from '../timeline/format';
import { filterToQuery, queryToFilter, type Filter, type List, type Summary } from './api';
import { NoMatch, NoTraces, SwitchedOff } from './empty';
import { Filters } from './filters';
import { TraceRow } from './trace-row';
import { rewrite } from './router';
import { useList } from './use-list';

const TYPING_MS = 250;

/** The last traces, newest first. */
export function ListPage() {
  const [filter, setFilter] = useState(() => queryToFilter(window.location.search));
  const settled = useSettled(filter);
  const isHeld = useRef(false);
  const { value: list, problem } = useList(settled, isHeld);

  useEffect(() => {
    document.title = 'Traces · Marquee';
  }, []);
  useEffect(() => {
    const query = filterToQuery(settled).toString();
    rewrite(query && `?${query}`);
  }, [settled]);

  const hold = (held: boolean) => () => {
    isHeld.current = held;
  };
  return (
    <main>
      <h1>Traces</h1>
      <Filters filter={filter} onChange={setFilter} note={list ? noteOf(list) : ''} />
      {problem && <p role="alert">{problem}</p>}
      {list && <Content list={list} filter={settled} onClear={setFilter} hold={hold} />}
    </main>
  );
}

interface ContentProps {
  list: List;
  filter: Filter;
  onClear: (filter: Filter) => void;
  hold: (held: boolean) => () => void;
}

function Content({ list, filter, onClear, hold }: ContentProps) {
  const { traces } = list;
  if (!list.enabled) return <SwitchedOff />;
  if (traces.length === 0) {
    return filterToQuery(filter).size > 0 ? <NoMatch kept={list.kept} onClear={onClear} /> : <NoTraces />;
  }
  const longest = longestOf(traces);
  return (
    <div className="list">
      <div className="list-head" aria-hidden="true">
        <span>Operation</span>
        <span>Duration</span>
        <span>Statements</span>
        <span>Batches</span>
        <span>Rows</span>
        <span>Started</span>
      </div>
      <ol aria-label="Traces" onPointerEnter={hold(true)} onPointerLeave={hold(false)}>
        {traces.map((trace) => (
          <TraceRow key={trace.traceId} trace={trace} longest={longest} />
        ))}
      </ol>
    </div>
  );
}

/** What a full bar stands for. Introspection is long and seldom: beside it all others would be of no length. */
function longestOf(traces: Summary[]): number {
  const others = traces.filter((trace) => !trace.introspection);
  return Math.max(...(others.length > 0 ? others : traces).map((trace) => trace.durationMs));
}

const noteOf = (list: List): string =>
  list.enabled ? `${plural(list.traces.length, 'trace')}; the last ${list.kept} are kept. Refreshes by itself.` : '';

/** The filter once the typing has paused. */
function useSettled(filter: Filter): Filter {
  const [settled, setSettled] = useState(filter);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(filter), TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [filter]);
  return settled;
}
