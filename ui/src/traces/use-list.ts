import { useCallback, type RefObject } from 'react';

import { usePolled, type Polled } from '../server';
import { listTraces, type Filter, type List } from './api';

/** The list for a filter. It is read anew while the page is in view and `isHeld` does not say that somebody points. */
export function useList({ operation, minMs, errors }: Filter, isHeld: RefObject<boolean>): Polled<List> {
  const read = useCallback(
    (signal: AbortSignal) => listTraces({ operation, minMs, errors }, signal),
    [operation, minMs, errors],
  );
  return usePolled(read, useCallback(() => isHeld.current, [isHeld]));
}
