import { CloseCode, createClient, type Client } from 'graphql-ws';

import { askForAnotherKey, keyOfTab } from './key/key';

/** The one WebSocket of the page, opened with the first subscription: it has room for many, connections are few. */
let client: Client | undefined;

export function socket(): Client {
  client ??= createClient({
    url: `${window.location.origin.replace(/^http/, 'ws')}/graphql`,
    connectionParams: () => {
      const key = keyOfTab();
      return key === null ? {} : { Authorization: `Bearer ${key}` };
    },
    // It is tried again for as long as the page is open: the server may be started anew.
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: async (retries) => {
      await new Promise((resolve) => window.setTimeout(resolve, Math.min(1000 * 2 ** retries, 15_000) * (0.5 + Math.random() / 2)));
    },
    on: {
      closed: (event) => {
        if ((event as CloseEvent).code === CloseCode.Forbidden) void askForAnotherKey();
      },
    },
  });
  return client;
}
