import type { Cost } from './cost';
import type { TurnFragment } from './operations';

export interface ListPage<T> {
  nodes: T[];
  pageInfo: TurnFragment;
  /** Of the whole list; null where it is not known, undefined where it was not asked for. */
  total: number | null | undefined;
  /** Words that were read otherwise than they were written. */
  corrections?: Correction[];
  cost: Cost;
}

export interface Correction {
  word: string;
  read: string;
}

/** Reads the page after a cursor, the first one for null. */
export type ReadPage<T> = (after: string | null) => Promise<ListPage<T>>;

export interface ListState<T> {
  items: readonly T[];
  total: number | null | undefined;
  hasMore: boolean;
  isLoading: boolean;
  problem: string;
  corrections: readonly Correction[];
  /** Of the last page, and how many were read. */
  cost: Cost | null;
  pages: number;
}

/** A list that is read page by page, and remembers what it has. */
export class PagedList<T> {
  state: ListState<T> = {
    items: [],
    total: undefined,
    hasMore: true,
    isLoading: false,
    problem: '',
    corrections: [],
    cost: null,
    pages: 0,
  };
  private after: string | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly read: ReadPage<T>) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get = (): ListState<T> => this.state;

  /** Asks for the next page, unless it is under way or there is none. */
  more = async (): Promise<void> => {
    if (this.state.isLoading || !this.state.hasMore) return;
    this.publish({ isLoading: true, problem: '' });
    try {
      this.add(await this.read(this.after));
    } catch (error) {
      this.publish({ isLoading: false, problem: (error as Error).message });
    }
  };

  private add({ nodes, pageInfo, total, corrections, cost }: ListPage<T>): void {
    this.after = pageInfo.endCursor;
    this.publish({
      items: [...this.state.items, ...nodes],
      total: total === undefined ? this.state.total : total,
      hasMore: pageInfo.hasNextPage && pageInfo.endCursor !== null,
      isLoading: false,
      corrections: corrections ?? this.state.corrections,
      cost,
      pages: this.state.pages + 1,
    });
  }

  private publish(part: Partial<ListState<T>>): void {
    this.state = { ...this.state, ...part };
    this.listeners.forEach((listener) => listener());
  }
}
