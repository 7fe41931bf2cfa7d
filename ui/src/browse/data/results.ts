import { chosenOf, type Choice } from '../address';
import { ask, type Answer } from './ask';
import { filterOf } from './filter';
import { tileOfEdge } from './found';
import {
  CollectionMediaDocument,
  PersonMediaDocument,
  ResultsDocument,
  SearchDocument,
  type CardFragment,
  type TurnFragment,
} from './operations';
import type { ListPage, ReadPage } from './paged-list';
import { tileOf, type Tile } from './tile';

const PAGE = 60;

interface Connection {
  totalCount?: number | null;
  nodes: CardFragment[];
  pageInfo: TurnFragment;
}

/** What a choice finds: with words the best first, without them in its order. */
export const readResults = (choice: Choice): ReadPage<Tile> => (choice.query ? readFound(choice) : readMedia(choice));

/** What words find: where something is chosen of a facet media alone, since other things have no such values. */
const readFound =
  (choice: Choice): ReadPage<Tile> =>
  async (after) => {
    const types = chosenOf(choice).length > 0 ? (['MEDIA'] as const) : null;
    const variables = { query: choice.query, types: types && [...types], filter: filterOf(choice), ...turnTo(after) };
    const { data, cost } = await ask(SearchDocument, variables);
    return {
      nodes: data.search?.edges.map(tileOfEdge) ?? [],
      pageInfo: data.search?.pageInfo ?? { hasNextPage: false, endCursor: null },
      total: data.search ? data.search.totalCount : 0,
      corrections: data.search?.corrections ?? [],
      cost,
    };
  };

const readMedia =
  (choice: Choice): ReadPage<Tile> =>
  async (after) => {
    const order = { field: choice.order, direction: choice.order === 'TITLE' ? 'ASC' : 'DESC' } as const;
    const variables = { filter: filterOf(choice), orderBy: [order], ...turnTo(after) };
    return pageOf(await ask(ResultsDocument, variables), ({ media }) => media);
  };

/** The media of a person, newest first. */
export const readMediaOfPerson =
  (id: string): ReadPage<Tile> =>
  async (after) =>
    pageOf(await ask(PersonMediaDocument, { id, ...turnTo(after) }), ({ person }) => person?.media);

/** The media of a collection, in its order. */
export const readMediaOfCollection =
  (id: string): ReadPage<Tile> =>
  async (after) =>
    pageOf(await ask(CollectionMediaDocument, { id, ...turnTo(after) }), ({ collection }) => collection?.media);

/** The total is asked for once: it costs statements. */
const turnTo = (after: string | null) => ({ first: PAGE, after, counted: after === null });

function pageOf<T>(answer: Answer<T>, connectionOf: (data: T) => Connection | null | undefined): ListPage<Tile> {
  const connection = connectionOf(answer.data);
  return {
    nodes: connection?.nodes.map(tileOf) ?? [],
    pageInfo: connection?.pageInfo ?? { hasNextPage: false, endCursor: null },
    total: connection ? connection.totalCount : 0,
    cost: answer.cost,
  };
}
