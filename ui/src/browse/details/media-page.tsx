import { pageHref, resultsHref, type Choice } from '../address';
import { KINDS, pictureOf } from '../data/tile';
import { MediaDetailsDocument, type MediaDetailsQuery } from '../data/operations';
import { Poster } from '../poster';
import { Rating } from '../results/card';
import { follow } from '../router';
import { ArtworkList } from './artwork';
import { Children } from './children';
import { Credits } from './credits';
import { Facts } from './facts';
import { Files } from './files';
import { OtherLists } from './other-lists';
import { PageFrame } from './page-frame';
import { useDetails, useHeading } from './use-details';
import { runtime } from '../words';

export type MediaDetails = NonNullable<MediaDetailsQuery['mediaItem']>;

/** A media with all that is known of it. */
export function MediaPage({ id, choice }: { id: string; choice: Choice }) {
  const details = useDetails(MediaDetailsDocument, { id });
  const media = details.data?.mediaItem;
  return (
    <PageFrame {...{ choice, details }} isMissing={details.data?.mediaItem === null}>
      {media && <Media media={media} choice={choice} />}
    </PageFrame>
  );
}

function Media({ media, choice }: { media: MediaDetails; choice: Choice }) {
  return (
    <>
      <article className="hero">
        <Poster title={media.title} picture={pictureOf(media)} />
        <Summary media={media} choice={choice} />
      </article>
      <Children id={media.id} kind={media.kind} first={media.children} choice={choice} />
      <Credits id={media.id} first={media.credits} choice={choice} />
      <div className="columns">
        <Facts media={media} choice={choice} />
        <OtherLists media={media} />
      </div>
      <Files files={media.files} />
      <ArtworkList media={media} />
    </>
  );
}

function Summary({ media, choice }: { media: MediaDetails; choice: Choice }) {
  const heading = useHeading(media.title);
  return (
    <div className="summary">
      <Ancestors parent={media.parent} choice={choice} />
      <h1 ref={heading} tabIndex={-1}>
        {media.title}
      </h1>
      <p className="meta">
        <span>{KINDS[media.kind]}</span>
        {media.year !== null && <span>{media.year}</span>}
        {media.runtimeMinutes !== null && <span>{runtime(media.runtimeMinutes)}</span>}
        {media.rating !== null && <Rating value={media.rating} />}
      </p>
      {media.taglines.map(({ text }) => (
        <p className="tagline" key={text}>
          {text}
        </p>
      ))}
      {media.overview && <p className="overview">{media.overview}</p>}
      <Names name="genre" label="Genres" names={media.genres} />
      <Names name="channel" label="Channels" names={media.channels} />
      <Names name="tag" label="Tags" names={media.tags} />
    </div>
  );
}

/** The series and the season that it is of. */
function Ancestors({ parent, choice }: { parent: MediaDetails['parent']; choice: Choice }) {
  if (!parent) return null;
  const ancestors = [parent.parent, parent].filter((one) => !!one);
  return (
    <nav aria-label="Part of" className="ancestors">
      {ancestors.map(({ id, title }) => (
        <a key={id} href={pageHref('media', id, choice)} onClick={follow}>
          {title}
        </a>
      ))}
    </nav>
  );
}

interface NamesProps {
  name: 'genre' | 'channel' | 'tag';
  label: string;
  names: { id: string; name: string }[];
}

/** Names that lead to the media that have them. */
function Names({ name, label, names }: NamesProps) {
  if (names.length === 0) return null;
  return (
    <ul className={`names ${name}`} aria-label={label}>
      {names.map((one) => (
        <li key={one.id}>
          <a href={resultsHref({ facets: { [name]: [one.name] } })} onClick={follow}>
            {one.name}
          </a>
        </li>
      ))}
    </ul>
  );
}
