import { useSyncExternalStore } from 'react';

/** Where the key of this tab is kept: never in a cookie, so that no other site can make the browser send it. */
const STORED = 'marquee-key';
/** Anything that wants a key, costs nothing and leaves no trace. */
const CHECKED_AT = '/traces/api/list?limit=1';
const WRONG = 'The server does not accept this key.';
const UNANSWERED = 'No answer from the server. Is it running?';

interface Question {
  isOpen: boolean;
  problem: string;
}

let question: Question = { isOpen: false, problem: '' };
let answered: Promise<void> | undefined;
let answer = (): void => undefined;
const listeners = new Set<() => void>();

function publish(next: Question): void {
  question = next;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useQuestion = (): Question => useSyncExternalStore(subscribe, () => question);

export const keyOfTab = (): string | null => sessionStorage.getItem(STORED);

/** The server did not take this tab's key, or wants one: returns once it has accepted another. */
export const askForAnotherKey = (): Promise<void> => askForKey(keyOfTab() === null ? '' : WRONG);

export const hasKey = (): boolean => sessionStorage.getItem(STORED) !== null;

/** While somebody is asked for a key: until the server has accepted one. */
export const untilAnswered = (): Promise<void> | undefined => answered;

/** Returns once the server has accepted a key; all that ask at the same time wait for the same answer. */
function askForKey(problem: string): Promise<void> {
  answered ??= new Promise((resolve) => {
    answer = resolve;
    publish({ isOpen: true, problem });
  });
  return answered;
}

/** The person has given a key. */
export async function giveKey(key: string): Promise<void> {
  const problem = await problemOf(key);
  if (problem) return publish({ isOpen: true, problem });
  sessionStorage.setItem(STORED, key);
  answered = undefined;
  publish({ isOpen: false, problem: '' });
  answer();
}

async function problemOf(key: string): Promise<string> {
  if (!/^[!-~]+$/.test(key)) return WRONG; // no header can hold it
  try {
    const response = await fetch(CHECKED_AT, { headers: { authorization: `Bearer ${key}` } });
    return response.status === 401 ? WRONG : '';
  } catch {
    return UNANSWERED;
  }
}
