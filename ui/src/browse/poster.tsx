import { useState, type CSSProperties } from 'react';

import type { Picture } from './data/tile';

/** Whether the server allows this page to show pictures from other hosts (MARQUEE_OUTSIDE_PICTURES). */
export const ALLOWS_OUTSIDE =
  document.querySelector<HTMLMetaElement>('meta[name="marquee-outside-pictures"]')?.content === 'true';

/** The address of a picture that may be shown. */
export const shownUrl = ({ own, outside }: Picture): string | null => own ?? (ALLOWS_OUTSIDE ? outside : null);

/** The picture of something, or one that is drawn from its title. The title stands beside it: readers skip both. */
export function Poster({ title, picture }: { title: string; picture: Picture }) {
  const url = shownUrl(picture);
  const [failed, setFailed] = useState<string | null>(null);
  if (!url || url === failed) return <Drawn title={title} />;
  return (
    <img
      className="poster"
      src={url}
      alt=""
      loading="lazy"
      decoding="async"
      referrerPolicy="no-referrer"
      onError={() => setFailed(url)}
    />
  );
}

/** Colours and a shape that are always the same for a title. */
function Drawn({ title }: { title: string }) {
  const hash = hashOf(title);
  const style = { '--hue': hash % 360, '--turn': `${(hash >> 9) % 180}deg`, '--at': `${20 + ((hash >> 17) % 60)}%` } as CSSProperties;
  return (
    <span className="poster drawn" style={style} aria-hidden="true">
      <b>{title}</b>
    </span>
  );
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const sign of text) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 1;
}
