import { fetchWithKey } from '../server';

/** A line of the list. */
export interface Summary {
  traceId: string;
  operation: string | null;
  type: string;
  /** The fields that it begins with, the first few. */
  rootFields: string[];
  /** Asks for nothing but the schema. */
  introspection: boolean;
  /** ISO 8601, UTC. */
  startedAt: string;
  durationMs: number;
  statements: number;
  batches: number;
  rows: number;
  errors: number;
  split: boolean;
  worker: number;
}

export interface List {
  enabled: boolean;
  /** How many traces the server keeps. */
  kept: number;
  traces: Summary[];
}

/** Times in microseconds, from the start of the trace's first span. */
export interface Span {
  spanId: string;
  parentId: string | null;
  name: string;
  kind: 'SERVER' | 'INTERNAL' | 'CLIENT';
  startUs: number;
  durationUs: number;
  status: 'OK' | 'ERROR' | 'UNSET';
  statusMessage: string | null;
  attributes: Record<string, unknown>;
}

export interface Trace {
  traceId: string;
  spans: Span[];
}

export interface Filter {
  operation: string;
  minMs: string;
  errors: boolean;
}

export class ApiError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

const LIMIT = 100;

export const listTraces = (filter: Filter, signal: AbortSignal): Promise<List> => {
  const query = filterToQuery(filter);
  query.set('limit', String(LIMIT));
  return get(`/traces/api/list?${query}`, signal);
};

export const readTrace = (id: string, signal: AbortSignal): Promise<Trace> =>
  get(`/traces/api/trace/${encodeURIComponent(id)}`, signal);

/** The parameters of the list's address, which are those of the API too. */
export function filterToQuery(filter: Filter): URLSearchParams {
  const query = new URLSearchParams();
  if (filter.operation) query.set('operation', filter.operation);
  if (Number(filter.minMs) > 0) query.set('minMs', filter.minMs);
  if (filter.errors) query.set('errors', '1');
  return query;
}

export function queryToFilter(search: string): Filter {
  const query = new URLSearchParams(search);
  return {
    operation: query.get('operation') ?? '',
    minMs: query.get('minMs') ?? '',
    errors: query.get('errors') === '1',
  };
}

async function get<T>(url: string, signal: AbortSignal): Promise<T> {
  const response = await fetchWithKey(url, { signal, headers: { accept: 'application/json' } });
  const body = await response.json();
  if (response.ok) return body as T;
  const error = body.errors?.[0];
  throw new ApiError(error?.message ?? `HTTP ${response.status}`, error?.extensions?.code ?? '');
}
