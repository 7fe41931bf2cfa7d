import { useEffect, useMemo, useSyncExternalStore } from 'react';

import { PagedList, type ListState, type ReadPage } from '../data/paged-list';
import type { Tile } from '../data/tile';

const KEPT = 20;

/** Lists of the last entries of the history: whoever goes back finds what was there. */
const lists = new Map<string, PagedList<Tile>>();

function listOf(key: string, read: ReadPage<Tile>): PagedList<Tile> {
  const list = lists.get(key) ?? new PagedList(read);
  lists.delete(key);
  lists.set(key, list);
  const oldest = lists.keys().next().value;
  if (lists.size > KEPT && oldest !== undefined) lists.delete(oldest);
  return list;
}

export interface ShownList extends ListState<Tile> {
  more: () => Promise<void>;
}

/** The list of an entry of the history, with its first page at least. */
export function usePagedList(key: string, read: ReadPage<Tile>): ShownList {
  // Another `read` comes with each rendering; the key says which list it is.
  const list = useMemo(() => listOf(key, read), [key]);
  const state = useSyncExternalStore(list.subscribe, list.get);
  useEffect(() => {
    if (list.state.pages === 0) void list.more();
  }, [list]);
  return { ...state, more: list.more };
}
