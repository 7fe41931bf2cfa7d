import { duration, keyCount, number, plural } from '../timeline/format';
import { Facts, Row } from '../timeline/row';
import type { Scale } from '../timeline/scale';
import { SqlText } from '../timeline/sql-text';
import type { Span } from './api';
import { isStatement, rowsOf, sqlOf, type BatchSpan, titleOf } from './model';

export interface Opening {
  openId: string;
  toggle: (spanId: string) => void;
}

interface Shared {
  scale: Scale;
  opening: Opening;
}

/** A batch, and below it the statements that it sent. */
export function BatchRows({ batch, scale, opening }: { batch: BatchSpan } & Shared) {
  const { span, waitUs } = batch;
  return (
    <>
      <Row
        name={batch.fields.join(', ') || batch.loader}
        note={batch.fields.length > 0 ? batch.loader : undefined}
        facts={keyCount(batch.loads, batch.uniqueKeys)}
        alarm={span.status === 'ERROR' ? 'error' : batch.isSplit ? 'split' : undefined}
        scale={scale}
        span={{ start: span.startUs / 1000, wait: waitUs / 1000, run: (span.durationUs - waitUs) / 1000 }}
        isOpen={opening.openId === span.spanId}
        onToggle={() => opening.toggle(span.spanId)}
      >
        <Details span={span} facts={batchFacts(batch)} />
      </Row>
      {batch.statements.map((statement) => (
        <StepRow key={statement.spanId} span={statement} scale={scale} opening={opening} depth={1} />
      ))}
    </>
  );
}

export function StepRow({ span, depth, scale, opening }: { span: Span; depth: number } & Shared) {
  const ofStatement = isStatement(span);
  return (
    <Row
      kind={ofStatement ? 'statement' : 'step'}
      name={ofStatement ? span.name : titleOf(span)}
      facts={ofStatement ? plural(rowsOf(span), 'row') : ''}
      alarm={span.status === 'ERROR' ? 'error' : undefined}
      depth={depth}
      scale={scale}
      span={timesOf(span)}
      isOpen={opening.openId === span.spanId}
      onToggle={() => opening.toggle(span.spanId)}
    >
      <Details span={span} facts={attributesOf(span)} />
      {ofStatement && <SqlText sql={sqlOf(span)} />}
    </Row>
  );
}

const timesOf = (span: Span) => ({ start: span.startUs / 1000, wait: 0, run: span.durationUs / 1000 });

function Details({ span, facts }: { span: Span; facts: [string, string][] }) {
  return (
    <>
      {span.statusMessage && <p className="failure">{span.statusMessage}</p>}
      <Facts facts={[...facts, ['Span', span.spanId]]} />
    </>
  );
}

const batchFacts = (batch: BatchSpan): [string, string][] => [
  ['Loader', batch.loader],
  ['Fields', batch.fields.join(', ')],
  ['Loads', number(batch.loads)],
  ['Unique keys', number(batch.uniqueKeys)],
  ['From cache', number(batch.cacheHits)],
  ['Rows', number(batch.rows)],
  ['Waited', duration(batch.waitUs / 1000)],
  ['Ran', duration((batch.span.durationUs - batch.waitUs) / 1000)],
];

/** The attributes as they are, but for the statement, which is shown in full below. */
const attributesOf = (span: Span): [string, string][] =>
  Object.entries(span.attributes)
    .filter(([name]) => name !== 'db.query.text')
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]);
