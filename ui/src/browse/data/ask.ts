import type { AnyVariables, CombinedError, OperationResult, TypedDocumentNode } from 'urql';

import { client } from './client';
import { costOf, type Cost } from './cost';

export interface Answer<T> {
  data: T;
  cost: Cost;
}

/** The answer of an operation, always from the server. Throws an Error with words for people. */
export function ask<T, V extends AnyVariables>(
  document: TypedDocumentNode<T, V>,
  variables: V,
  signal?: AbortSignal,
): Promise<Answer<T>> {
  return new Promise((resolve, reject) => {
    const asked = client.query(document, variables, { requestPolicy: 'network-only' }).subscribe((result) => {
      if (result.stale) return;
      window.setTimeout(() => asked.unsubscribe()); // it may come before `asked` is there
      if (result.error || !result.data) reject(new Error(wordsFor(result.error)));
      else resolve({ data: result.data, cost: costOf(extensionsOf(result)) });
    });
    signal?.addEventListener('abort', () => {
      asked.unsubscribe();
      reject(signal.reason as Error);
    });
  });
}

export const extensionsOf = (result: OperationResult): Parameters<typeof costOf>[0] => result.extensions;

/** What went wrong: the server's own words, or that it did not answer. */
export function wordsFor(error: CombinedError | undefined): string {
  if (error?.graphQLErrors[0]) return error.graphQLErrors[0].message;
  return `No answer from ${window.location.host}. Is the server running?`;
}
