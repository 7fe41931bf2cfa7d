import { useState } from 'react';

import type { Answer } from '../data/ask';
import type { Cost } from '../data/cost';
import type { TurnFragment } from '../data/operations';

interface Connection<T> {
  nodes: T[];
  pageInfo: TurnFragment;
}

export type ReadMore<T> = (after: string | null) => Promise<Answer<Connection<T>>>;

/** A list whose first page came with something else, and the rest of it as one asks for it. */
export function useMore<T>(first: Connection<T>, read: ReadMore<T>) {
  const [rest, setRest] = useState<Connection<T>>();
  const [cost, setCost] = useState<Cost | null>(null);
  const [problem, setProblem] = useState('');
  const [isLoading, setLoading] = useState(false);
  const { hasNextPage, endCursor } = (rest ?? first).pageInfo;
  const more = async () => {
    setLoading(true);
    setProblem('');
    try {
      const answer = await read(endCursor);
      setRest((before) => ({ nodes: [...(before?.nodes ?? []), ...answer.data.nodes], pageInfo: answer.data.pageInfo }));
      setCost(answer.cost);
    } catch (error) {
      setProblem((error as Error).message);
    }
    setLoading(false);
  };
  return { nodes: [...first.nodes, ...(rest?.nodes ?? [])], hasMore: hasNextPage, more, cost, problem, isLoading };
}
