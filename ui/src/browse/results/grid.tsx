import { useEffect, useLayoutEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';

import type { Choice } from '../address';
import { Problem } from '../problem';
import { restore } from '../router';
import { Card } from './card';
import { useFocus } from './use-focus';
import { useRows } from './use-rows';
import type { ShownList } from './use-paged-list';

/** So many before the end of what is there the next page is asked for. */
const AHEAD = 20;

/** Tiles in rows, of which only those in view are in the document. */
export function Grid({ list, choice, empty }: { list: ShownList; choice: Choice; empty: ReactNode }) {
  const { items, hasMore, isLoading, problem, more } = list;
  const box = useRef<HTMLUListElement>(null);
  const { rows, height, columns, width, seen, indexes } = useRows(box, items.length);

  useNextPage(list, seen);
  const focusOn = useFocus(box);
  // Once, as soon as the rows have their place.
  const isReady = columns > 0 && items.length > 0;
  useLayoutEffect(() => {
    if (!isReady) return;
    const left = restore();
    focusOn(left && `[data-item="${CSS.escape(left)}"]`, { preventScroll: true });
  }, [isReady]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    const from = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset['index'];
    if (step === undefined || from === undefined) return focusOn(null);
    event.preventDefault();
    focusOn(Number(from) + step < 0 ? null : `[data-index="${Number(from) + step}"] a`);
  };

  return (
    <>
      <ul
        className="grid"
        ref={box}
        style={{ height }}
        onKeyDown={onKeyDown}
        onPointerDown={() => focusOn(null)}
        aria-label="Media"
      >
        {indexes.map((index) => {
          const tile = items[index];
          const row = rows.get(Math.floor(index / columns));
          if (!tile || !row) return null;
          const style = { top: row.top, left: (index % columns) * (width + row.gap), width, height: row.height };
          return <Card key={tile.id} {...{ tile, index, style, choice }} total={hasMore ? -1 : items.length} />;
        })}
      </ul>
      {problem && <Problem words={problem} onRetry={() => void more()} />}
      {isLoading && <p className="loading">Loading …</p>}
      {!isLoading && !problem && !hasMore && items.length === 0 && empty}
    </>
  );
}

/** Asks for the next page before what is there ends. */
function useNextPage({ items, hasMore, isLoading, problem, more }: ShownList, seen: number): void {
  useEffect(() => {
    if (items.length > 0 && hasMore && !isLoading && !problem && seen >= items.length - AHEAD) void more();
  }, [items.length, hasMore, isLoading, problem, seen, more]);
}
