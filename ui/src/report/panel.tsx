import { useGraphiQL } from '@graphiql/react';
import { useEffect, useState, type CSSProperties } from 'react';

import { duration, number } from '../timeline/format';
import { Batches } from './batches';
import { useLatestOutcome, type Outcome } from './outcome';
import type { Report } from './report';
import { LEAST, MOST, useSize } from './size';

/** The outcome of the run whose answer the tab at hand shows. */
function useOutcome(): Outcome {
  const latest = useLatestOutcome();
  const tab = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.id ?? '');
  const [first] = useState(latest);
  const [noted, setNoted] = useState(latest);
  const [byTab, setByTab] = useState<Record<string, Outcome>>({});
  useEffect(() => {
    if (latest === noted) return;
    setNoted(latest);
    setByTab((known) => ({ ...known, [tab]: latest }));
  }, [latest, noted, tab]);
  return byTab[tab] ?? first;
}

/** What the shown answer has cost. It stands below the answer, can be folded up, and keeps its height. */
export function ReportPanel() {
  const { isOpen, percent, toggle, handlers } = useSize();
  const { report, words } = useOutcome();
  const isFetching = useGraphiQL((state) => state.isFetching);
  const isUnfolded = isOpen && report !== undefined;
  return (
    <section
      className={`marquee-report tl${isUnfolded ? ' unfolded' : ''}`}
      aria-label="Report"
      aria-busy={isFetching}
      style={{ '--report-growth': percent / (100 - percent) } as CSSProperties}
    >
      {isUnfolded && (
        <div
          className="marquee-report-size"
          role="separator"
          aria-label="Height of the report"
          aria-orientation="horizontal"
          aria-valuenow={percent}
          aria-valuemin={LEAST}
          aria-valuemax={MOST}
          tabIndex={0}
          {...handlers}
        />
      )}
      <header>
        <button type="button" aria-expanded={isOpen} onClick={toggle}>
          <Chevron isOpen={isOpen} /> Report
        </button>
        {report ? <Summary report={report} /> : <span className="marquee-report-words">{words}</span>}
        {!report?.traceUrl && (
          <a href="/traces" target="_blank" rel="opener">
            Traces<span className="tl-hidden"> of all requests (new tab)</span> ↗
          </a>
        )}
      </header>
      {isUnfolded && (
        <div className="marquee-report-body">
          <Verdict verdict={report.verdict} />
          <Batches report={report} />
        </div>
      )}
    </section>
  );
}

function Summary({ report }: { report: Report }) {
  return (
    <>
      <Badge verdict={report.verdict} />
      <p role="status">
        <Figure value={number(report.statements)} unit={report.statements === 1 ? 'statement' : 'statements'} />
        <Figure value={number(report.rows)} unit={report.rows === 1 ? 'row' : 'rows'} />
        <strong>{duration(report.elapsedMs)}</strong>
        {report.fallback && <span>on graphql-core ({report.fallback})</span>}
      </p>
      {report.traceUrl && (
        // An opener hands the key of this tab on to the new one.
        <a href={report.traceUrl} target="_blank" rel="opener">
          Trace<span className="tl-hidden"> of this run (new tab)</span> ↗
        </a>
      )}
    </>
  );
}

const Figure = ({ value, unit }: { value: string; unit: string }) => (
  <span>
    <strong>{value}</strong> {unit}
  </span>
);

function Badge({ verdict }: { verdict: string }) {
  if (verdict === 'ok') return <span className="marquee-ok">✓ ok</span>;
  return <span className="tl-tag">{verdict.includes('came apart') ? 'Came apart' : 'Not ok'}</span>;
}

function Verdict({ verdict }: { verdict: string }) {
  if (verdict === 'ok') return null;
  return (
    <ul className="marquee-verdict" role="alert">
      {verdict.split('; ').map((words) => (
        <li key={words}>{words}</li>
      ))}
    </ul>
  );
}

const Chevron = ({ isOpen }: { isOpen: boolean }) => (
  <svg viewBox="0 0 12 12" width="12" height="12" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
    <path d={isOpen ? 'M2 4l4 4 4-4' : 'M2 8l4-4 4 4'} />
  </svg>
);
