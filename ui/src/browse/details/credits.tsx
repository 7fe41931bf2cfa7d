import { pageHref, type Choice } from '../address';
import { ask } from '../data/ask';
import { MoreCreditsDocument, type CreditsFragment } from '../data/operations';
import { follow } from '../router';
import { MoreButton } from './more-button';
import { Section } from './section';
import { useMore, type ReadMore } from './use-more';
import { words } from '../words';

type Credit = CreditsFragment['nodes'][number];

/** Cast and crew; each leads to the person's page. */
export function Credits({ id, first, choice }: { id: string; first: CreditsFragment; choice: Choice }) {
  const list = useMore(first, readMore(id));
  if (list.nodes.length === 0) return null;
  return (
    <Section title="Cast and crew">
      <ul className="credits">
        {list.nodes.map((credit) => (
          <li key={credit.id}>
            <a href={pageHref('person', credit.person.id, choice)} onClick={follow}>
              {credit.person.name}
            </a>{' '}
            <small>{partOf(credit)}</small>
          </li>
        ))}
      </ul>
      <MoreButton list={list} name="cast and crew" />
    </Section>
  );
}

const partOf = ({ role, job, character }: Credit): string => character ?? job ?? words(role);

const readMore =
  (id: string): ReadMore<Credit> =>
  async (after) => {
    const { data, cost } = await ask(MoreCreditsDocument, { id, after });
    return { data: data.mediaItem?.credits ?? { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } }, cost };
  };
