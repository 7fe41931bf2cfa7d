import type { CSSProperties } from 'react';

import { share, tickLabel, type Scale } from './scale';

/** Beyond this share of the width a label would not fit. */
const LAST_LABEL = 90;

/** Lines at the ticks, for every track below the element that carries this style. */
export const tickStyle = (scale: Scale): CSSProperties =>
  ({ '--tl-step': `${share(scale, scale.step)}%` }) as CSSProperties;

export function Axis({ scale }: { scale: Scale }) {
  const labels = scale.ticks.filter((tick) => share(scale, tick) <= LAST_LABEL);
  return (
    <div className="tl-axis" aria-hidden="true">
      <span className="tl-legend">
        <i className="tl-wait" /> wait <i className="tl-run" /> run
      </span>
      <span className="tl-ticks">
        {labels.map((tick) => (
          <span key={tick} style={{ left: `${share(scale, tick)}%` }}>
            {tickLabel(tick)}
            {tick === 0 && ' ms'}
          </span>
        ))}
      </span>
    </div>
  );
}
