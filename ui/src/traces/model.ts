import { groupByWave } from '../timeline/waves';
import type { Span, Trace } from './api';

/** A loader's batch and the statements that it sent. */
export interface BatchSpan {
  span: Span;
  loader: string;
  wave: number;
  loads: number;
  uniqueKeys: number;
  cacheHits: number;
  waitUs: number;
  fields: string[];
  statements: Span[];
  rows: number;
  isSplit: boolean;
}

export interface Waterfall {
  /** The span that speaks for the whole: the operation's, else the first. */
  operation: Span;
  /** From the arrival of its request to the answer, as the list says it. */
  durationUs: number;
  /** Spans outside of batches, parents before children, with their depths. */
  steps: { span: Span; depth: number }[];
  waves: [number, BatchSpan[]][];
  endUs: number;
  statements: number;
  rows: number;
  /** Distinct messages of failed spans. */
  errors: string[];
  verdict: string;
}

const BATCH = 'graphql.dataloader.name';
const SQL = 'db.query.text';

const byStart = (a: Span, b: Span): number => a.startUs - b.startUs;
const endOf = (span: Span): number => span.startUs + span.durationUs;
const isBatch = (span: Span): boolean => BATCH in span.attributes;

export const isStatement = (span: Span): boolean => SQL in span.attributes;
export const sqlOf = (span: Span): string => String(span.attributes[SQL]);
export const rowsOf = (span: Span): number => numberOf(span, 'db.response.returned_rows');

function numberOf(span: Span, name: string): number {
  const value = Number(span.attributes[name]);
  return Number.isFinite(value) ? value : 0;
}

function textsOf(span: Span, name: string): string[] {
  const value = span.attributes[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** "{ media, tags }": what an operation without a name begins with; empty where that is not known. */
export const fieldsLabel = (fields: string[]): string => (fields.length > 0 ? `{ ${fields.join(', ')} }` : '');

/** "query MoviesWithTags". The name stands in an attribute: it is the client's, so the span is not named by it. */
export function titleOf(operation: Span): string {
  const { 'graphql.operation.type': type, 'graphql.operation.name': name } = operation.attributes;
  if (!type) return operation.name;
  return [type, name ?? fieldsLabel(textsOf(operation, 'marquee.root_fields'))].filter(Boolean).map(String).join(' ');
}

/** What a trace says, in the order in which a person reads it. A trace has at least one span. */
export function readWaterfall(trace: Trace): Waterfall {
  const spans = [...trace.spans].sort(byStart);
  const operation = spans.find((span) => 'graphql.operation.type' in span.attributes) ?? (spans[0] as Span);
  const verdict = String(operation.attributes['marquee.verdict'] ?? 'ok');
  const batches = spans.filter(isBatch).map((span) => readBatch(span, spans));
  const inBatches = new Set(batches.flatMap((batch) => [batch.span, ...batch.statements]));
  const failed = spans.filter((span) => span.status === 'ERROR');
  return {
    operation,
    durationUs: requestOf(operation, spans).durationUs,
    steps: inTreeOrder(spans.filter((span) => !inBatches.has(span))),
    waves: groupByWave(batches),
    endUs: Math.max(...spans.map(endOf)),
    statements: spans.filter(isStatement).length,
    rows: spans.reduce((sum, span) => sum + rowsOf(span), 0),
    errors: [...new Set(failed.map((span) => span.statusMessage || `${span.name} failed`))],
    verdict,
  };
}

/** The server span of a request's operation; where it is not kept, the operation's own. */
function requestOf(operation: Span, spans: Span[]): Span {
  return spans.find((span) => span.spanId === operation.parentId && span.kind === 'SERVER') ?? operation;
}

function readBatch(span: Span, spans: Span[]): BatchSpan {
  const fields = textsOf(span, 'graphql.dataloader.fields');
  const statements = spans.filter((other) => other.parentId === span.spanId && isStatement(other));
  const uniqueKeys = numberOf(span, 'graphql.dataloader.batch.size');
  return {
    span,
    loader: String(span.attributes[BATCH]),
    wave: numberOf(span, 'graphql.dataloader.wave'),
    loads: numberOf(span, 'graphql.dataloader.batch.keys') || uniqueKeys,
    uniqueKeys,
    cacheHits: numberOf(span, 'graphql.dataloader.cache.hit_count'),
    waitUs: Math.min(span.durationUs, numberOf(span, 'graphql.dataloader.wait_ms') * 1000),
    fields,
    statements,
    rows: statements.reduce((sum, statement) => sum + rowsOf(statement), 0),
    isSplit: span.attributes['graphql.dataloader.split'] === true,
  };
}

function inTreeOrder(spans: Span[]): { span: Span; depth: number }[] {
  const known = new Set(spans.map((span) => span.spanId));
  const below = (parentId: string | null, depth: number): { span: Span; depth: number }[] =>
    spans
      .filter((span) => (span.parentId && known.has(span.parentId) ? span.parentId : null) === parentId)
      .flatMap((span) => [{ span, depth }, ...below(span.spanId, depth + 1)]);
  return below(null, 0);
}
