import { useState } from 'react';

import { Axis, tickStyle } from '../timeline/axis';
import { duration, keyCount, number, plural } from '../timeline/format';
import { Facts, Row } from '../timeline/row';
import { makeScale, type Scale } from '../timeline/scale';
import { SqlText } from '../timeline/sql-text';
import { groupByWave, waveName } from '../timeline/waves';
import { endOf, inOrder, type Batch, type Report } from './report';

/** The batches of a report as bars, wave by wave. */
export function Batches({ report }: { report: Report }) {
  const scale = makeScale(endOf(report));
  if (report.batches.length === 0) return <p className="marquee-report-words">No batch was sent.</p>;
  return (
    <div style={tickStyle(scale)}>
      <Axis scale={scale} />
      {groupByWave(inOrder(report.batches)).map(([wave, batches]) => (
        <section key={wave} aria-label={waveName(wave)}>
          <h4 className="tl-wave">
            {waveName(wave)} <small>{plural(batches.length, 'batch', 'batches')}</small>
          </h4>
          <ul>
            {batches.map((batch, index) => (
              <BatchRow key={`${batch.loader} ${index}`} batch={batch} scale={scale} isSplit={batch.split} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function BatchRow({ batch, scale, isSplit }: { batch: Batch; scale: Scale; isSplit: boolean }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Row
      name={batch.fields.join(', ') || batch.loader}
      facts={factsOf(batch)}
      alarm={isSplit ? 'split' : undefined}
      scale={scale}
      span={{ start: batch.startMs, wait: batch.waitMs, run: batch.runMs }}
      isOpen={isOpen}
      onToggle={() => setOpen(!isOpen)}
    >
      <Facts facts={detailsOf(batch)} />
      {batch.sql.map((sql, index) => (
        <SqlText key={index} sql={sql} />
      ))}
    </Row>
  );
}

function factsOf(batch: Batch): string {
  const facts = [keyCount(batch.keys, batch.uniqueKeys), plural(batch.rows, 'row')];
  if (batch.statements !== 1) facts.push(plural(batch.statements, 'statement'));
  return facts.join(' · ');
}

const detailsOf = (batch: Batch): [string, string][] => [
  ['Loader', batch.loader],
  ['Loads', number(batch.keys)],
  ['Unique keys', number(batch.uniqueKeys)],
  ['From cache', number(batch.cacheHits)],
  ['Rows', number(batch.rows)],
  ['Waited', duration(batch.waitMs)],
  ['Ran', duration(batch.runMs)],
];
