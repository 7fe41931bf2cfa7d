import type { Target } from '../address';
import type { SearchQuery, SuggestionsQuery } from './operations';
import { KINDS, tileOf, type Tile } from './tile';
import { plural } from '../../timeline/format';
import { words } from '../words';

type Edge = NonNullable<SearchQuery['search']>['edges'][number];
type Node = Edge['node'];
type SuggestedNode = NonNullable<SuggestionsQuery['suggest']>[number]['node'];

const TITLES = ['TITLE', 'NAME'];

/** Where a search's result leads to. */
export function targetOf(node: Node | SuggestedNode): Target {
  switch (node.__typename) {
    case 'Media':
      return { page: 'media', id: node.id };
    case 'Person':
      return { page: 'person', id: node.id };
    case 'Collection':
      return { page: 'collection', id: node.id };
    case 'Genre':
      return { facet: 'genre', value: node.name };
    case 'Tag':
      return { facet: 'tag', value: node.name };
    case 'Channel':
      return { facet: 'channel', value: node.name };
  }
}

/** What a suggestion is, beside its text. */
export const kindOf = (node: SuggestedNode): string =>
  node.__typename === 'Media' ? [KINDS[node.kind], node.year].filter(Boolean).join(' · ') : node.__typename;

/** A search's result as a tile, with where its words stand. */
export function tileOfEdge({ node, highlights }: Edge): Tile {
  const tile = node.__typename === 'Media' ? tileOf(node) : tileOfName(node);
  const [first] = highlights;
  if (!first) return tile;
  if (TITLES.includes(first.field)) return { ...tile, marks: first.fragment === tile.title ? first.marks : [] };
  return { ...tile, found: { where: words(first.field), text: first.fragment, marks: first.marks } };
}

const tileOfName = (node: Exclude<Node, { __typename: 'Media' }>): Tile => ({
  id: node.id,
  title: node.name,
  note: plural(node.mediaCount, 'media', 'media'),
  rating: null,
  kind: node.__typename,
  picture: { own: null, outside: null },
  target: targetOf(node),
  marks: [],
  found: null,
});
