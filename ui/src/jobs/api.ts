import { fetchWithKey } from '../server';
import { ACTIVE, ENDED, type Action, type Report, type Run } from './model';

const FIELDS = `id type status stopRequest actions attempts maxAttempts total succeeded failed percent currentItem error errorCode
  counts { name count } failures { name count } queuedAt startedAt endedAt library { name }`;

export const PROGRESS = `subscription ($id: ID!) { jobProgress(id: $id) { jobRun { ${FIELDS} } } }`;

const PAGE = 20;
const ACTIVE_RUNS = `query ($status: [JobStatus!]) { jobRuns(status: $status, first: 50) { nodes { ${FIELDS} } } }`;
const ENDED_RUNS = `query ($status: [JobStatus!], $first: Int!, $after: String) {
  jobRuns(status: $status, first: $first, after: $after) { nodes { ${FIELDS} } pageInfo { hasNextPage endCursor } } }`;
const OPENED = `query ($id: ID!) { jobRun(id: $id) { report log(last: 100) { totalCount nodes { at level line } } } }`;

export interface Page {
  nodes: Run[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export interface Log {
  totalCount: number | null;
  nodes: { at: string; level: 'INFO' | 'WARNING' | 'ERROR'; line: string }[];
}

/** What is read of a run once somebody wants to know more of it. */
export interface Opened {
  report: Report | null;
  log: Log | null;
}

const MUTATIONS: Record<Action, string> = { PAUSE: 'pauseJob', RESUME: 'resumeJob', CANCEL: 'cancelJob', RETRY: 'retryJob' };

/** The data of an operation. Throws an Error with the words of the first error. */
async function ask<T>(query: string, variables: object, signal?: AbortSignal): Promise<T> {
  const response = await fetchWithKey('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query, variables }),
    signal: signal ?? null,
  });
  const body = (await response.json()) as { data?: T; errors?: { message: string }[] };
  if (body.errors?.[0]) throw new Error(body.errors[0].message);
  if (!body.data) throw new Error(`HTTP ${response.status}`);
  return body.data;
}

export const readActive = async (signal: AbortSignal): Promise<Run[]> =>
  (await ask<{ jobRuns: Page }>(ACTIVE_RUNS, { status: ACTIVE }, signal)).jobRuns.nodes;

export const readEnded = async (after: string | null, signal?: AbortSignal, first = PAGE): Promise<Page> =>
  (await ask<{ jobRuns: Page }>(ENDED_RUNS, { status: ENDED, first, after }, signal)).jobRuns;

export const readOpened = async (id: string, signal: AbortSignal): Promise<Opened | null> =>
  (await ask<{ jobRun: Opened | null }>(OPENED, { id }, signal)).jobRun;

export const act = async (action: Action, id: string): Promise<void> => {
  await ask(`mutation ($id: ID!) { ${MUTATIONS[action]}(id: $id) { __typename } }`, { id });
};
