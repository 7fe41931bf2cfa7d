/** `extensions.marquee` of an answer; times in milliseconds, `startMs` from the start of the execution. */
export interface Report {
  /** Why the operation was left to the reference executor, null where it was not. */
  fallback: string | null;
  statements: number;
  rows: number;
  elapsedMs: number;
  traceUrl: string | null;
  /** "ok", or sentences with "; " between them. */
  verdict: string;
  batches: Batch[];
}

export interface Batch {
  loader: string;
  /** 0 is the root; a later wave waited for rows of an earlier one. */
  wave: number;
  /** Whether loads of one field are also in another batch. */
  split: boolean;
  /** Loads that asked for a key, keys that were sent, and loads that were answered from rows already there. */
  keys: number;
  uniqueKeys: number;
  cacheHits: number;
  statements: number;
  rows: number;
  startMs: number;
  waitMs: number;
  runMs: number;
  fields: string[];
  sql: string[];
}

export const endOf = (report: Report): number =>
  Math.max(report.elapsedMs, ...report.batches.map((batch) => batch.startMs + batch.waitMs + batch.runMs));

export const inOrder = (batches: Batch[]): Batch[] => [...batches].sort((a, b) => a.startMs - b.startMs);
