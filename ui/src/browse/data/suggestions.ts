import { pageHref, resultsHref, type Choice } from '../address';
import { ask } from './ask';
import type { Cost } from './cost';
import { SuggestionsDocument } from './operations';
import { KINDS } from './tile';

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
  const media = (data.media?.nodes ?? []).map(({ id, title, year, kind }) => ({
    id,
    text: title,
    note: [KINDS[kind], year].filter(Boolean).join(' · '),
    href: pageHref('media', id, choice),
  }));
  const people = (data.people?.nodes ?? []).map(({ id, name }) => ({
    id,
    text: name,
    note: 'Person',
    href: pageHref('person', id, choice),
  }));
  const genres = (data.genres?.nodes ?? []).map(({ id, name }) => ({
    id,
    text: name,
    note: 'Genre',
    href: resultsHref({ facets: { genre: [name] } }),
  }));
  const tags = (data.tags?.nodes ?? []).map(({ id, name }) => ({
    id,
    text: name,
    note: 'Tag',
    href: resultsHref({ facets: { tag: [name] } }),
  }));
  return { items: [...media, ...people, ...genres, ...tags], cost };
}
