/** The states of a run in which it goes on, or may. */
export const ACTIVE = ['RUNNING', 'QUEUED', 'PAUSED'] as const;
export const ENDED = ['FAILED', 'CANCELLED', 'SUCCEEDED'] as const;

export type Status = (typeof ACTIVE)[number] | (typeof ENDED)[number];

/** What can be done with a run. */
export type Action = 'PAUSE' | 'RESUME' | 'CANCEL' | 'RETRY';

export interface Count {
  name: string;
  count: number;
}

/** A value of a report; the names of rates end in "Rate" and are from 0 to 1. */
export type ReportValue = string | number | boolean | null;

/** What a run has come to, in words and numbers of its job's own: values, and lists of rows. */
export type Report = Record<string, ReportValue | Record<string, ReportValue>[]>;

/** A run as the server has it; times are ISO 8601. */
export interface Run {
  id: string;
  type: string;
  status: Status;
  stopRequest: 'CANCEL' | 'PAUSE' | null;
  actions: Action[];
  attempts: number;
  maxAttempts: number;
  total: number | null;
  succeeded: number;
  failed: number;
  percent: number | null;
  currentItem: string | null;
  error: string | null;
  errorCode: string | null;
  counts: Count[];
  failures: Count[];
  queuedAt: string;
  startedAt: string | null;
  endedAt: string | null;
  library: { name: string } | null;
}

export const isActive = (run: Run): boolean => (ACTIVE as readonly string[]).includes(run.status);

/** How many items were looked at. */
export const doneOf = (run: Run): number => run.succeeded + run.failed;

/** "normalise_names" -> "Normalise names" */
export function titleOf(type: string): string {
  const words = type.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const WORDS: Record<Status, string> = {
  RUNNING: 'running',
  QUEUED: 'waiting',
  PAUSED: 'paused',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  SUCCEEDED: 'done',
};

export function stateOf(run: Run): string {
  if (run.stopRequest !== null && isActive(run)) return run.stopRequest === 'PAUSE' ? 'is being paused' : 'is being cancelled';
  return WORDS[run.status] ?? run.status.toLowerCase();
}

/** Seconds: "12 s", "3 min 20 s", "2 h 5 min". */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

export const ranFor = (run: Run): number | null =>
  run.startedAt !== null && run.endedAt !== null ? secondsBetween(run.startedAt, run.endedAt) : null;
