import { useEffect, useLayoutEffect, useRef } from 'react';
import { useQuery, type AnyVariables, type TypedDocumentNode } from 'urql';

import { extensionsOf, wordsFor } from '../data/ask';
import { costOf, type Cost } from '../data/cost';
import { restore } from '../router';

export interface Details<T> {
  data: T | undefined;
  problem: string;
  isLoading: boolean;
  cost: Cost | null;
  again: () => void;
}

/** What a page is about: at once where it was read before, and read anew all the same. */
export function useDetails<T, V extends AnyVariables>(document: TypedDocumentNode<T, V>, variables: V): Details<T> {
  const [result, again] = useQuery({ query: document, variables, requestPolicy: 'cache-and-network' } as Parameters<
    typeof useQuery<T, V>
  >[0]);
  const { data, error, fetching } = result;
  return {
    data: data ?? undefined,
    problem: error ? wordsFor(error) : '',
    isLoading: fetching,
    cost: data ? costOf(extensionsOf(result as never)) : null,
    again: () => again({ requestPolicy: 'network-only' }),
  };
}

/** The heading that gets the focus when its page is opened: a screen reader says where one is. */
export function useHeading(title: string | undefined) {
  const heading = useRef<HTMLHeadingElement>(null);
  const isThere = title !== undefined;
  useEffect(() => {
    if (title !== undefined) document.title = `${title} · Marquee`;
  }, [title]);
  useLayoutEffect(() => {
    if (!isThere) return;
    heading.current?.focus({ preventScroll: true });
    restore();
  }, [isThere]);
  return heading;
}
