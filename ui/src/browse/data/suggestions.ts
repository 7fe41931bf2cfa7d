import { targetHref, type Choice } from '../address';
import { ask } from './ask';
import type { Cost } from './cost';
import { kindOf, targetOf } from './found';
import { SuggestionsDocument } from './operations';

/** What may be meant by what was typed so far, and where it leads. */
export interface Suggestion {
  id: string;
  text: string;
  note: string;
  href: string;
}

export interface Suggestions {
  items: Suggestion[];
  cost: Cost | null;
}

export async function readSuggestions(prefix: string, choice: Choice, signal: AbortSignal): Promise<Suggestions> {
  const { data, cost } = await ask(SuggestionsDocument, { prefix }, signal);
  const items = (data.suggest ?? []).map(({ text, node }) => ({
    id: node.id,
    text,
    note: kindOf(node),
    href: targetHref(targetOf(node), choice),
  }));
  return { items, cost };
}
