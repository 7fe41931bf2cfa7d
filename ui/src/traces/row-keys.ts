import { useEffect } from 'react';

const isTyping = (element: Element | null): boolean => element?.matches('input, textarea, select, pre') ?? false;

/** Arrow keys, Home and End move the focus over all elements marked `data-row`. */
export function useRowKeys(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.altKey || event.ctrlKey || event.metaKey || isTyping(document.activeElement)) return;
      const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
      const target = targetOf(event.key, rows);
      if (!target) return;
      event.preventDefault();
      target.focus();
      target.scrollIntoView({ block: 'nearest' });
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}

function targetOf(key: string, rows: HTMLElement[]): HTMLElement | undefined {
  const at = rows.findIndex((row) => row === document.activeElement);
  if (key === 'ArrowDown') return rows[Math.min(at + 1, rows.length - 1)];
  if (key === 'ArrowUp') return at < 0 ? undefined : rows[Math.max(at - 1, 0)];
  if (at < 0) return undefined;
  return { Home: rows[0], End: rows.at(-1) }[key];
}
