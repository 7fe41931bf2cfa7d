import { useEffect, useId, useRef, type ReactNode } from 'react';

import { Bar, type Span } from './bar';
import { duration } from './format';
import type { Scale } from './scale';

export interface RowProps {
  name: string;
  /** Smaller, after the name. */
  note?: string;
  facts: string;
  /** Said in a tag before the facts, and coloured. */
  alarm?: string;
  kind?: 'step' | 'batch' | 'statement';
  depth?: number;
  scale: Scale;
  span: Span;
  isOpen: boolean;
  onToggle: () => void;
  children: ReactNode;
}

/** One line of a timeline: name, bar and facts; a click or Enter opens what is in `children`. */
export function Row({ name, note, facts, alarm, kind = 'batch', depth = 0, scale, span, ...rest }: RowProps) {
  const id = useId();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (rest.isOpen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [rest.isOpen]);
  return (
    <li ref={row} className={`tl-row tl-${kind}${alarm ? ' tl-alarm' : ''}`}>
      <button
        type="button"
        className="tl-head"
        data-row
        aria-expanded={rest.isOpen}
        aria-controls={id}
        title={timesOf(span)}
        onClick={rest.onToggle}
      >
        <span className="tl-name" style={{ paddingLeft: `${depth * 0.9}rem` }}>
          {name}
          {note && <small>{note}</small>}
        </span>
        <span className="tl-facts">
          {alarm && <mark>{alarm}</mark>} {facts}
        </span>
        <Bar scale={scale} span={span} />
        <span className="tl-hidden">{timesOf(span)}</span>
      </button>
      <div id={id} className="tl-details" hidden={!rest.isOpen}>
        {rest.isOpen && rest.children}
      </div>
    </li>
  );
}

export function timesOf({ start, wait, run }: Span): string {
  const ran = wait > 0 ? `waits ${duration(wait)}, runs ${duration(run)}` : `takes ${duration(run)}`;
  return `Starts at ${duration(start)}, ${ran}`;
}

/** Names and values, one below the other. */
export function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className="tl-list">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
