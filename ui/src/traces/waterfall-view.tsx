import { useEffect, useState } from 'react';

import { Axis, tickStyle } from '../timeline/axis';
import { plural } from '../timeline/format';
import { makeScale } from '../timeline/scale';
import { waveName } from '../timeline/waves';
import type { BatchSpan, Waterfall } from './model';
import { rewrite } from './router';
import { BatchRows, StepRow, type Opening } from './span-rows';

/** All spans on one time axis: the steps of the operation, then its waves of batches with their statements. */
export function WaterfallView({ waterfall }: { waterfall: Waterfall }) {
  const scale = makeScale(waterfall.endUs / 1000);
  const opening = useOpening();
  return (
    <div className="waterfall tl" style={tickStyle(scale)}>
      <Axis scale={scale} />
      <ol aria-label="Steps">
        {waterfall.steps.map(({ span, depth }) => (
          <StepRow key={span.spanId} span={span} depth={depth} scale={scale} opening={opening} />
        ))}
      </ol>
      {waterfall.waves.map(([wave, batches]) => (
        <section key={wave} aria-label={waveName(wave)}>
          <h2 className="tl-wave">
            {waveName(wave)} <small>{factsOf(batches)}</small>
          </h2>
          <ol>
            {batches.map((batch) => (
              <BatchRows key={batch.span.spanId} batch={batch} scale={scale} opening={opening} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function factsOf(batches: BatchSpan[]): string {
  const statements = batches.reduce((sum, batch) => sum + batch.statements.length, 0);
  return `${plural(batches.length, 'batch', 'batches')} · ${plural(statements, 'statement')}`;
}

const openRow = () => document.querySelector<HTMLElement>('[data-row][aria-expanded=true]');

/** Which span is open: the one that the address names after "#". Esc closes it. */
function useOpening(): Opening {
  const [openId, setOpenId] = useState(() => window.location.hash.slice(1));
  const toggle = (id: string) => setOpenId((open) => (open === id ? '' : id));
  useEffect(() => rewrite(window.location.search + (openId && `#${openId}`)), [openId]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      openRow()?.focus();
      setOpenId('');
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
  return { openId, toggle };
}
