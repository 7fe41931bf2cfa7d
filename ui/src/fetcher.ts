import type { GraphiQLProps } from 'graphiql';
import { Kind, OperationTypeNode, type DocumentNode } from 'graphql';

import { fetchWithKey } from './server';
import { socket } from './socket';
import { noteNoAnswer, takeReport } from './report/outcome';

export type Fetcher = GraphiQLProps['fetcher'];

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

class NoAnswer extends Error {
  // GraphiQL shows the stack beside the message; that of a bundled script tells nobody anything.
  override stack = undefined;
}

/** Parsed answer of one POST to the page's own path. GraphQL errors are answers; throws NoAnswer where there is none. */
export async function post(params: object, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await send(params, headers);
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new NoAnswer(`HTTP ${response.status} ${response.statusText}, not JSON: ${text.slice(0, 200)}`);
  }
}

async function send(params: object, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetchWithKey(window.location.pathname, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: ACCEPT, ...headers },
      body: JSON.stringify(params),
    });
  } catch {
    throw new NoAnswer(`No answer from ${window.location.host}. Is the server running?`);
  }
}

/** Operations that the user runs ask for a report, which goes to the panel; GraphiQL's own introspection does not. */
export const fetcher: Fetcher = async (params, options) => {
  // Only a run comes with the parsed document.
  if (!options || !('documentAST' in options)) return (await post(params, options?.headers)) as never;
  if (isSubscription(options.documentAST, params.operationName)) return socket().iterate(params) as never;
  const headers = { ...Object.fromEntries(new Headers(options.headers)), 'marquee-report': '1' };
  try {
    return takeReport((await post(params, headers)) as object) as never;
  } catch (error) {
    noteNoAnswer();
    throw error;
  }
};

/** Whether the operation that is run has many answers: they come over the page's WebSocket. */
function isSubscription(document: DocumentNode | undefined, name: string | null | undefined): boolean {
  const operations = (document?.definitions ?? []).filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const chosen = operations.find((one) => one.name?.value === name) ?? operations[0];
  return chosen?.operation === OperationTypeNode.SUBSCRIPTION;
}
