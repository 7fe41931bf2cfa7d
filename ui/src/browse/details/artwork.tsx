import { isOutsidePicture } from '../data/tile';
import { Poster, shownUrl } from '../poster';
import type { MediaDetails } from './media-page';
import { Section } from './section';
import { playingTime, size, words } from '../words';

/** All pictures of a media: shown where this page may show them, told of where not. */
export function ArtworkList({ media: { artwork, thumbnails, title } }: { media: MediaDetails }) {
  if (artwork.length + thumbnails.length === 0) return null;
  return (
    <Section title="Artwork">
      <ul className="artwork">
        {artwork.map(({ id, type, url, file, width, height, state }) => (
          <Figure
            key={id}
            picture={{ own: file?.url ?? null, outside: isOutsidePicture(url) ? url : null }}
            title={title}
            words={[words(type), size(width, height), state && words(state)]}
            address={url}
          />
        ))}
        {thumbnails.map(({ id, state, offsetSeconds, files }) => (
          <Figure
            key={id}
            picture={{ own: files.at(-1)?.url ?? null, outside: null }}
            title={title}
            words={[`At ${playingTime(offsetSeconds)}`, words(state)]}
          />
        ))}
      </ul>
    </Section>
  );
}

interface FigureProps {
  picture: Parameters<typeof shownUrl>[0];
  title: string;
  words: (string | null)[];
  /** Told of where the picture itself may not be shown. */
  address?: string;
}

const Figure = ({ picture, title, words: about, address }: FigureProps) => (
  <li>
    {shownUrl(picture) && <Poster title={title} picture={picture} />}
    <small>{about.filter(Boolean).join(' · ')}</small>
    {!shownUrl(picture) && address && <small className="path">{address}</small>}
  </li>
);
