import { decoded } from './data/category';
import type { MediaOrderField } from './data/operations';

/** What media can be narrowed by, in the order in which it is shown; the names are those of the address. */
export const FACETS = ['kind', 'genre', 'decade', 'rating', 'channel', 'language', 'category', 'tag'] as const;
export type Facet = (typeof FACETS)[number];

export const ORDERS = ['RATING', 'YEAR', 'ADDED_AT', 'TITLE'] as const satisfies readonly MediaOrderField[];
export type Order = (typeof ORDERS)[number];

/** What is looked for: the words, the order of what is found without words, and the values chosen of each facet. */
export interface Choice {
  query: string;
  order: Order;
  facets: Readonly<Record<Facet, readonly string[]>>;
}

export type Page = 'results' | 'media' | 'person' | 'collection' | 'nowhere';

/** A place of the site: a page, the id of what it shows, and what is looked for. */
export interface Place {
  page: Page;
  id: string;
  choice: Choice;
}

const ROOT = '/browse';
const PATH = /^\/browse(?:\/(media|person|collection)\/([^/]+))?\/?$/;

/** The place of an address. */
export function placeOf(path: string, search: string): Place {
  const choice = choiceOf(search);
  const found = PATH.exec(path);
  if (!found) return { page: 'nowhere', id: '', choice };
  return { page: (found[1] ?? 'results') as Page, id: decoded(found[2] ?? ''), choice };
}

function choiceOf(search: string): Choice {
  const params = new URLSearchParams(search);
  const order = params.get('order')?.toUpperCase();
  return {
    query: params.get('q')?.trim() ?? '',
    order: ORDERS.find((known) => known === order) ?? ORDERS[0],
    facets: mapFacets((facet) => [...new Set(params.getAll(facet))]),
  };
}

/** One value for each facet. */
export const mapFacets = <T>(make: (facet: Facet) => T): Record<Facet, T> =>
  Object.fromEntries(FACETS.map((facet) => [facet, make(facet)])) as Record<Facet, T>;

const NOTHING: Choice = choiceOf('');

/** The address of the results of a choice; what it leaves out is not chosen. */
export const resultsHref = (choice: Partial<Omit<Choice, 'facets'>> & { facets?: Partial<Choice['facets']> }): string =>
  ROOT + searchOf({ ...NOTHING, ...choice, facets: { ...NOTHING.facets, ...choice.facets } });

/** What something found leads to: the page of one thing, or all media that have a name. */
export type Target = { page: 'media' | 'person' | 'collection'; id: string } | { facet: Facet; value: string };

/** The address of the page of something; what was looked for stays in it. */
export const pageHref = (page: 'media' | 'person' | 'collection', id: string, choice: Choice): string =>
  `${ROOT}/${page}/${encodeURIComponent(id)}${searchOf(choice)}`;

/** The address of what something found leads to. */
export const targetHref = (target: Target, choice: Choice): string =>
  'page' in target
    ? pageHref(target.page, target.id, choice)
    : resultsHref({ facets: { [target.facet]: [target.value] } });

export function searchOf({ query, order, facets }: Choice): string {
  const params = new URLSearchParams();
  if (query) params.set('q', query);
  FACETS.forEach((facet) => facets[facet].forEach((value) => params.append(facet, value)));
  if (order !== ORDERS[0]) params.set('order', order.toLowerCase());
  const search = params.toString();
  return search && `?${search}`;
}

/** The choice with a value of a facet chosen, or no longer chosen. */
export function toggled(choice: Choice, facet: Facet, value: string): Choice {
  const chosen = choice.facets[facet];
  const values = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
  return { ...choice, facets: { ...choice.facets, [facet]: values } };
}

/** All chosen values. */
export const chosenOf = (choice: Choice): { facet: Facet; value: string }[] =>
  FACETS.flatMap((facet) => choice.facets[facet].map((value) => ({ facet, value })));
