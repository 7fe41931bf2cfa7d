import type { Target } from '../address';
import type { CardFragment, MediaKind } from './operations';

/** What is shown of a media, a person or a name in a grid. */
export interface Tile {
  id: string;
  title: string;
  /** Beside or below the title: year, place in its series. */
  note: string;
  rating: number | null;
  /** Said of all but movies. */
  kind: string;
  picture: Picture;
  /** Where it leads to. */
  target: Target;
  /** Where the words of a search stand in it: in its title, or in something else that is then told of. */
  marks: Mark[];
  found: Found | null;
}

/** A part of a text: from its first letter to the one after its last, in units of a string of JavaScript. */
export interface Mark {
  start: number;
  end: number;
}

/** A text by which something was found that its title does not tell. */
export interface Found {
  where: string;
  text: string;
  marks: Mark[];
}

/** A picture that this server keeps, and one of another host; null where there is none. */
export interface Picture {
  own: string | null;
  outside: string | null;
}

export const KINDS: Record<MediaKind, string> = {
  MOVIE: 'Movie',
  SERIES: 'Series',
  SEASON: 'Season',
  EPISODE: 'Episode',
  CLIP: 'Clip',
  TRACK: 'Track',
};

const PREFERRED = ['POSTER', 'THUMBNAIL', 'BACKDROP', 'LOGO'];

export const tileOf = (media: CardFragment): Tile => ({
  id: media.id,
  title: media.title,
  note: [media.year, placeInSeries(media)].filter(Boolean).join(' · '),
  rating: media.rating,
  kind: media.kind === 'MOVIE' ? '' : KINDS[media.kind],
  picture: pictureOf(media),
  target: { page: 'media', id: media.id },
  marks: [],
  found: null,
});

function placeInSeries({ seasonNumber, episodeNumber, parent, kind }: CardFragment): string {
  if (kind !== 'SEASON' && kind !== 'EPISODE') return '';
  const numbers = [seasonNumber !== null && `S${seasonNumber}`, episodeNumber !== null && `E${episodeNumber}`];
  const place = numbers.filter(Boolean).join(' ');
  return [parent?.parent?.title ?? parent?.title, kind === 'EPISODE' && place].filter(Boolean).join(' · ');
}

/** The picture that stands for a media: a poster before others, a frame where there is no artwork. */
export function pictureOf({ artwork, thumbnails }: Pick<CardFragment, 'artwork' | 'thumbnails'>): Picture {
  const inOrder = [...artwork].sort((a, b) => PREFERRED.indexOf(a.type) - PREFERRED.indexOf(b.type));
  const frame = thumbnails.flatMap(({ files }) => files).at(-1)?.url;
  return {
    own: inOrder.find(({ file }) => file)?.file?.url ?? frame ?? null,
    outside: inOrder.map(({ url }) => url).find(isOutsidePicture) ?? null,
  };
}

/** Whether an address is one that a page may be allowed to show pictures from. */
export const isOutsidePicture = (url: string): boolean => url.startsWith('https://');
