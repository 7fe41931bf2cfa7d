import { useState, type KeyboardEvent, type PointerEvent } from 'react';

const KEY = 'marquee:report';
const STEP = 5;
const USUAL = 55;
export const LEAST = 20;
export const MOST = 80;

/** Whether the panel is open, and its share of the height in percent. */
interface Size {
  isOpen: boolean;
  percent: number;
}

const clamp = (percent: number): number => Math.round(Math.min(MOST, Math.max(LEAST, percent)));

function read(): Size {
  try {
    const { isOpen, percent } = JSON.parse(window.localStorage.getItem(KEY) ?? '') as Size;
    return { isOpen: isOpen !== false, percent: clamp(Number(percent) || USUAL) };
  } catch {
    return { isOpen: true, percent: USUAL };
  }
}

function write(size: Size): void {
  try {
    window.localStorage.setItem(KEY, JSON.stringify(size));
  } catch {
    // A browser without storage forgets; nothing else depends on it.
  }
}

/** The panel's size, remembered in this browser, and the handlers of the bar that changes it. */
export function useSize() {
  const [size, setSize] = useState(read);
  const change = (part: Partial<Size>) => {
    const changed = { ...size, ...part };
    setSize(changed);
    write(changed);
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => event.currentTarget.setPointerCapture(event.pointerId);
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const pane = event.currentTarget.closest('.graphiql-response')?.getBoundingClientRect();
    if (pane) change({ percent: clamp(((pane.bottom - event.clientY) / pane.height) * 100) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    change({ percent: clamp(size.percent + step) });
  };
  return { ...size, toggle: () => change({ isOpen: !size.isOpen }), handlers: { onPointerDown, onPointerMove, onKeyDown } };
}
