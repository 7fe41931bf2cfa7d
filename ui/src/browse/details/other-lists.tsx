import type { MediaDetails } from './media-page';
import { Section } from './section';
import { date, language, words } from '../words';

/** Subtitles and releases. */
export function OtherLists({ media }: { media: MediaDetails }) {
  return (
    <>
      <Subtitles subtitles={media.subtitles} />
      <Releases releases={media.releases} />
    </>
  );
}

function Subtitles({ subtitles }: { subtitles: MediaDetails['subtitles'] }) {
  if (subtitles.length === 0) return null;
  return (
    <Section title="Subtitles">
      <ul className="plain-list">
        {subtitles.map(({ id, language: tag, format, isForced, isForHearingImpaired, state, file }) => (
          <li key={id}>
            {file ? <a href={file.url}>{language(tag)}</a> : language(tag)}{' '}
            <small>
              {[format, isForced && 'forced', isForHearingImpaired && 'for the hearing impaired', words(state)]
                .filter(Boolean)
                .join(' · ')}
            </small>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Releases({ releases: { nodes, totalCount } }: { releases: MediaDetails['releases'] }) {
  if (nodes.length === 0) return null;
  const others = (totalCount ?? nodes.length) - nodes.length;
  return (
    <Section title="Releases">
      <ul className="plain-list">
        {nodes.map(({ id, name, category, state, publishedAt, group }) => (
          <li key={id}>
            <span className="path">{name}</span>{' '}
            <small>{[category, group?.name, words(state), publishedAt && date(publishedAt)].filter(Boolean).join(' · ')}</small>
          </li>
        ))}
      </ul>
      {others > 0 && <p className="quiet">and {others} more</p>}
    </Section>
  );
}
