import { useLayoutEffect, useRef, type RefObject } from 'react';

/** Gives the focus to what a selector finds in the box, now or once it is there: its row may have to be drawn, or even read,
 *  first. Null: to nothing any longer. */
export function useFocus(box: RefObject<HTMLElement | null>): (selector: string | null, options?: FocusOptions) => void {
  const wanted = useRef<{ selector: string; options?: FocusOptions }>(null);
  const tryIt = () => {
    const found = wanted.current && box.current?.querySelector<HTMLElement>(wanted.current.selector);
    if (!found) return;
    found.focus(wanted.current?.options);
    wanted.current = null;
  };
  useLayoutEffect(tryIt);
  return (selector, options) => {
    wanted.current = selector === null ? null : { selector, options };
    tryIt();
  };
}
