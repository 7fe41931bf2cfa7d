import { useEffect, useState } from 'react';

import { plural } from '../../timeline/format';
import { pageHref, type Choice } from '../address';
import { ask } from '../data/ask';
import { MoreChildrenDocument, type ChildrenFragment, type MediaKind } from '../data/operations';
import { Rating } from '../results/card';
import { follow } from '../router';
import { MoreButton } from './more-button';
import { Section } from './section';
import { useMore, type ReadMore } from './use-more';
import { runtime } from '../words';

type Child = ChildrenFragment['nodes'][number];
const NONE: ChildrenFragment = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };

interface Props {
  id: string;
  kind: MediaKind;
  first: ChildrenFragment;
  choice: Choice;
}

/** The seasons of a series, or the episodes of a season. */
export function Children({ id, kind, first, choice }: Props) {
  const list = useMore(first, readMore(id));
  if (list.nodes.length === 0) return null;
  return (
    <Section title={kind === 'SERIES' ? 'Seasons' : 'Episodes'}>
      <ChildList children={list.nodes} choice={choice} />
      <MoreButton list={list} name={kind === 'SERIES' ? 'seasons' : 'episodes'} />
    </Section>
  );
}

const ChildList = ({ children, choice }: { children: Child[]; choice: Choice }) => (
  <ol className="children">
    {children.map((child) => (
      <li key={child.id}>
        {child.kind === 'SEASON' ? <Season season={child} choice={choice} /> : <Episode episode={child} choice={choice} />}
      </li>
    ))}
  </ol>
);

function Episode({ episode, choice }: { episode: Child; choice: Choice }) {
  return (
    <p className="episode">
      <small>{episode.episodeNumber ?? ''}</small>
      <a href={pageHref('media', episode.id, choice)} onClick={follow}>
        {episode.title}
      </a>
      <small>
        {[episode.year, episode.runtimeMinutes !== null && runtime(episode.runtimeMinutes)].filter(Boolean).join(' · ')}
        {episode.rating !== null && <Rating value={episode.rating} />}
      </small>
    </p>
  );
}

/** A season, with its episodes once it is opened. */
function Season({ season, choice }: { season: Child; choice: Choice }) {
  const [isOpen, setOpen] = useState(false);
  const count = season.children.totalCount;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {season.title}{' '}
        <small>{[season.year, typeof count === 'number' && plural(count, 'episode')].filter(Boolean).join(' · ')}</small>
      </summary>
      {isOpen && <Episodes season={season} choice={choice} />}
    </details>
  );
}

function Episodes({ season, choice }: { season: Child; choice: Choice }) {
  const list = useMore({ ...NONE, pageInfo: { hasNextPage: true, endCursor: null } }, readMore(season.id));
  useEffect(() => {
    void list.more();
  }, []);
  return (
    <>
      <p>
        <a href={pageHref('media', season.id, choice)} onClick={follow}>
          All of {season.title}
        </a>
      </p>
      <ChildList children={list.nodes} choice={choice} />
      <MoreButton list={list} name="episodes" />
    </>
  );
}

const readMore =
  (id: string): ReadMore<Child> =>
  async (after) => {
    const { data, cost } = await ask(MoreChildrenDocument, { id, after });
    return { data: data.mediaItem?.children ?? NONE, cost };
  };
