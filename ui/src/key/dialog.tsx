import { useEffect, useRef, useState, type FormEvent } from 'react';

import { giveKey, useQuestion } from './key';

/** Asks for a key while the server wants one. */
export function KeyDialog() {
  const { isOpen, problem } = useQuestion();
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} className="key" aria-labelledby="key-title" onCancel={(event) => event.preventDefault()}>
      {isOpen && <KeyForm problem={problem} />}
    </dialog>
  );
}

function KeyForm({ problem }: { problem: string }) {
  const [key, setKey] = useState('');
  const [isChecking, setChecking] = useState(false);
  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    setChecking(true);
    await giveKey(key.trim());
    setChecking(false);
  };
  return (
    <form onSubmit={onSubmit}>
      <h2 id="key-title">This server requires a key</h2>
      <p>The person who runs it has one (setting MARQUEE_KEYS). It is kept until this tab is closed.</p>
      <label>
        Key
        <input
          type="password"
          autoComplete="current-password"
          value={key}
          onChange={(event) => setKey(event.target.value)}
          autoFocus
          required
          aria-invalid={problem !== ''}
        />
      </label>
      {problem && <p role="alert">{problem}</p>}
      <button type="submit" disabled={isChecking}>
        Continue
      </button>
    </form>
  );
}
