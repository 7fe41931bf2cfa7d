// The clients graphql-ws and graphql-sse against a running server: node subscriptions.mjs URL ID [KEY], where ID is a run
// of a job. Prints, as JSON, what each way of asking gave.
import { createClient as createSse } from 'graphql-sse';
import { createClient as createSocket } from 'graphql-ws';
import WebSocket from 'ws';

const [url, id, key] = process.argv.slice(2);
const headers = key ? { Authorization: `Bearer ${key}` } : {};
const query = '{ __typename }';
const progress = { query: 'subscription ($id: ID!) { jobProgress(id: $id) { status } }', variables: { id } };

/** All that an operation gives, and the codes of the errors by which it ends. */
function all(client, request) {
  return new Promise((resolve) => {
    const results = [];
    client.subscribe(request, {
      next: (result) => results.push(result),
      error: (error) => resolve([...results, { ended: Array.isArray(error) ? error.map((one) => one.extensions.code) : String(error) }]),
      complete: () => resolve(results),
    });
  });
}

async function everything(client) {
  const missing = { ...progress, variables: { id: 'job_run_999' } };
  const found = await Promise.all([{ query }, { query: '{ nothing }' }, progress, missing].map((one) => all(client, one)));
  await client.dispose();
  return found;
}

const socket = () => createSocket({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams: headers, retryAttempts: 0 });
const sse = (singleConnection) => createSse({ url, singleConnection, headers, retryAttempts: 0 });

console.log(JSON.stringify({ socket: await everything(socket()), distinct: await everything(sse(false)), single: await everything(sse(true)) }));
process.exit(0);
