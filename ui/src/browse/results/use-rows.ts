import { defaultRangeExtractor, useWindowVirtualizer, type Range } from '@tanstack/react-virtual';
import { useLayoutEffect, useState, type RefObject } from 'react';

/** Pixels; the same as in browse.css. */
const GAP = 16;
const NARROWEST = 140;
const CAPTION = 66;

interface Row {
  top: number;
  height: number;
  gap: number;
}

export interface Rows {
  /** Those in the document, by their number. */
  rows: Map<number, Row>;
  height: number;
  columns: number;
  /** Of a tile. */
  width: number;
  /** How many tiles there are down to the last row in view. */
  seen: number;
  /** Of the tiles in the document. */
  indexes: number[];
}

/** Which tiles of a grid as wide as `box` have a place in view, and where. */
export function useRows(box: RefObject<HTMLElement | null>, count: number): Rows {
  const { full, top } = useBox(box);
  const columns = full === 0 ? 0 : Math.max(2, Math.floor((full + GAP) / (NARROWEST + GAP)));
  const width = columns === 0 ? 0 : (full - (columns - 1) * GAP) / columns;
  const height = Math.round(width * 1.5) + CAPTION;

  const virtualizer = useWindowVirtualizer({
    count: columns === 0 ? 0 : Math.ceil(count / columns),
    estimateSize: () => height + GAP,
    overscan: 2,
    scrollMargin: top,
    rangeExtractor: (range) => withFocused(range, box.current, columns),
  });
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, height]);

  const items = virtualizer.getVirtualItems();
  const end = virtualizer.range?.endIndex ?? 0;
  return {
    rows: new Map(items.map(({ index, start }) => [index, { top: start - top, height, gap: GAP }])),
    height: virtualizer.getTotalSize(),
    columns,
    width,
    seen: (end + 1) * columns,
    indexes: items.flatMap(({ index }) => Array.from({ length: columns }, (_, column) => index * columns + column)),
  };
}

/** The row of the tile with the focus stays, wherever one scrolls: the keyboard goes on from there. */
function withFocused(range: Range, box: HTMLElement | null, columns: number): number[] {
  const rows = defaultRangeExtractor(range);
  const focused = box?.querySelector<HTMLElement>(':focus')?.closest<HTMLElement>('[data-index]')?.dataset['index'];
  if (focused === undefined) return rows;
  const row = Math.floor(Number(focused) / columns);
  return [...new Set([...rows, row])].filter((one) => one < range.count).sort((a, b) => a - b);
}

/** How wide the box is, and how far from the top of the document. */
function useBox(box: RefObject<HTMLElement | null>): { full: number; top: number } {
  const [place, setPlace] = useState({ full: 0, top: 0 });
  useLayoutEffect(() => {
    const measure = () => {
      const found = box.current?.getBoundingClientRect();
      if (!found) return;
      const next = { full: Math.floor(found.width), top: Math.round(found.top + window.scrollY) };
      setPlace((before) => (before.full === next.full && before.top === next.top ? before : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, [box]);
  return place;
}
