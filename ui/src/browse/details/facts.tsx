import type { ReactNode } from 'react';

import { pageHref, type Choice } from '../address';
import { follow } from '../router';
import type { MediaDetails } from './media-page';
import { Section } from './section';
import { bytes, date, language, playingTime, words } from '../words';

type Fact = [string, ReactNode];

/** Names and values, without those that nothing is known of. */
export function FactList({ title, facts }: { title: string; facts: Fact[] }) {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false);
  if (known.length === 0) return null;
  return (
    <Section title={title}>
      <dl className="facts">
        {known.map(([name, value], index) => (
          <div key={index}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

/** What is known of a media in single values. */
export function Facts({ media, choice }: { media: MediaDetails; choice: Choice }) {
  const { music, clip } = media;
  return (
    <>
      <FactList
        title="Details"
        facts={[
          ['Original title', media.originalTitle],
          ['Season', media.seasonNumber],
          ['Episode', media.episodeNumber],
          ['Library', media.library.name],
          ...media.categories.map(({ category, value }): Fact => [category, value]),
          ['Added', date(media.addedAt)],
          ['Changed', date(media.updatedAt)],
          ...media.processes.map(({ process, processedAt }): Fact => [`Process ${process}`, date(processedAt)]),
        ]}
      />
      {music && (
        <FactList
          title="Music"
          facts={[
            ['Tempo', music.tempo !== null && `${music.tempo} beats a minute`],
            ['Key', music.keySignature],
            ['Time signature', music.timeSignature],
            ['Tracks', music.trackCount],
            ['Notes', music.noteCount],
            ['Duration', music.durationSeconds !== null && playingTime(music.durationSeconds)],
          ]}
        />
      )}
      {clip && (
        <FactList
          title="Clip"
          facts={[
            ['Duration', clip.durationSeconds !== null && playingTime(clip.durationSeconds)],
            ['Size', clip.size !== null && bytes(clip.size)],
            ['Source', clip.sourceUrl],
            ['Made for', clip.channel?.name],
          ]}
        />
      )}
      <Collections collections={media.collections} choice={choice} />
      <FactList
        title="Other titles"
        facts={media.aliases.map(({ title, language: tag }): Fact => [tag ? language(tag) : 'Also', title])}
      />
      <ExternalIds ids={media.externalIds} />
      <FactList title="Metadata" facts={metadataFacts(media.metadata)} />
    </>
  );
}

/** Ids at other services. They are no links: this page leads to no other host. */
export const ExternalIds = ({ ids }: { ids: { source: string; value: string }[] }) => (
  <FactList title="Ids" facts={ids.map(({ source, value }): Fact => [source, <code>{value}</code>])} />
);

function Collections({ collections, choice }: { collections: MediaDetails['collections']; choice: Choice }) {
  return (
    <FactList
      title="Collections"
      facts={collections.map(({ id, name, kind, mediaCount }): Fact => [
        words(kind),
        <>
          <a href={pageHref('collection', id, choice)} onClick={follow}>
            {name}
          </a>{' '}
          <small>{mediaCount} media</small>
        </>,
      ])}
    />
  );
}

function metadataFacts(metadata: unknown): Fact[] {
  if (typeof metadata !== 'object' || metadata === null) return [];
  return Object.entries(metadata).map(([name, value]) => [name, typeof value === 'string' ? value : <code>{JSON.stringify(value)}</code>]);
}
