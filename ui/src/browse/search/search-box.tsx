import { useEffect, useRef, useState, type FormEvent, type KeyboardEvent, type RefObject } from 'react';

import { resultsHref, type Choice } from '../address';
import { goTo } from '../router';
import { LIST, optionId, SuggestionList } from './suggestion-list';
import { useSuggestions } from './use-suggestions';

/** The box of the search: a combobox whose list suggests what may be meant while one types. */
export function SearchBox({ choice }: { choice: Choice }) {
  const { text, setText, typed, setTyped, close } = useText(choice.query);
  const [active, setActive] = useState(-1);
  const suggestions = useSuggestions(typed.trim(), choice);
  const { items } = suggestions;
  const input = useRef<HTMLInputElement>(null);
  useSlash(input);

  const isOpen = typed.trim() !== '' && items.length > 0;
  const chosen = isOpen ? items[active] : undefined;
  const leave = (href: string) => {
    close();
    setActive(-1);
    goTo(href);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    leave(chosen?.href ?? resultsHref({ ...choice, query: text.trim() }));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && isOpen) {
      event.preventDefault(); // the browser would empty the box
      close();
      return setActive(-1);
    }
    const next = isOpen ? movedTo(event.key, active, items.length) : undefined;
    if (next === undefined) return;
    event.preventDefault();
    setActive(next);
  };
  return (
    <form className="search" role="search" onSubmit={onSubmit}>
      <input
        ref={input}
        type="search"
        role="combobox"
        aria-label="Search media, people and tags"
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={LIST}
        aria-activedescendant={chosen && optionId(active)}
        placeholder="Search media, people and tags"
        autoComplete="off"
        spellCheck={false}
        maxLength={500}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setTyped(event.target.value);
          setActive(-1);
        }}
        onKeyDown={onKeyDown}
        onBlur={close}
      />
      <button type="submit">Search</button>
      <SuggestionList
        {...{ suggestions, isOpen, active }}
        onActive={setActive}
        onChoose={({ href }) => leave(href)}
      />
    </form>
  );
}

/** What stands in the box, and of that what was typed and not yet sent, which alone gets suggestions. */
function useText(query: string) {
  const [text, setText] = useState(query);
  const [typed, setTyped] = useState('');
  const [known, setKnown] = useState(query);
  if (query !== known) {
    setKnown(query);
    setText(query);
    setTyped('');
  }
  return { text, setText, typed, setTyped, close: () => setTyped('') };
}

/** The option that a key leads to, -1 for none; undefined for other keys. */
function movedTo(key: string, active: number, count: number): number | undefined {
  if (key === 'ArrowDown') return active + 1 < count ? active + 1 : -1;
  if (key === 'ArrowUp') return active === -1 ? count - 1 : active - 1;
  return undefined;
}

/** The key / leads to the box from everywhere but where one types. */
function useSlash(input: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.matches('input:not([type=checkbox]), textarea, select');
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [input]);
}
