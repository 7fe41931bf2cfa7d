import type { CSSProperties } from 'react';

import { targetHref, type Choice } from '../address';
import { Marked } from '../marked';
import type { Tile } from '../data/tile';
import { Poster } from '../poster';
import { follow } from '../router';

interface Props {
  tile: Tile;
  /** Its place in the list, from 0, and the length of the list, -1 while that is not known. */
  index: number;
  total: number;
  style: CSSProperties;
  choice: Choice;
}

/** One tile of a grid: a link to what it stands for. */
export function Card({ tile, index, total, style, choice }: Props) {
  return (
    <li className="card" style={style} data-index={index} aria-setsize={total} aria-posinset={index + 1}>
      <a href={targetHref(tile.target, choice)} data-item={tile.id} onClick={follow}>
        <Poster title={tile.title} picture={tile.picture} />
        {tile.kind && <i className="kind">{tile.kind}</i>}
        <b>
          <Marked text={tile.title} marks={tile.marks} />
        </b>
        <small>
          {tile.note}
          {tile.rating !== null && <Rating value={tile.rating} />}
        </small>
        {tile.found && (
          <small>
            <span className="found">
              {tile.found.where}: <Marked text={tile.found.text} marks={tile.found.marks} />
            </span>
          </small>
        )}
      </a>
    </li>
  );
}

export const Rating = ({ value }: { value: number }) => (
  <span className="rating">
    <span aria-hidden="true">★</span>
    <span className="hidden">rated </span> {value.toFixed(1)}
  </span>
);
