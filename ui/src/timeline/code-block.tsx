import { useRef, useState, type ReactNode } from 'react';

const SHOWN_MS = 1500;

/** Code with a button that copies it as it is shown. `label` is its accessible name. */
export function CodeBlock({ label, children }: { label: string; children: ReactNode }) {
  const code = useRef<HTMLPreElement>(null);
  const [word, setWord] = useState('Copy');

  const onCopy = async () => {
    setWord((await copy(code.current as HTMLElement)) ? 'Copied' : 'Selected');
    window.setTimeout(() => setWord('Copy'), SHOWN_MS);
  };
  return (
    <div className="tl-code">
      <pre ref={code} tabIndex={0} role="region" aria-label={label}>
        {children}
      </pre>
      <button type="button" onClick={onCopy} aria-live="polite">
        {word}
      </button>
    </div>
  );
}

/** False where pages may not write to the clipboard (plain http of another host): then the text is selected. */
async function copy(element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(element.textContent ?? '');
    return true;
  } catch {
    window.getSelection()?.selectAllChildren(element);
    return false;
  }
}
