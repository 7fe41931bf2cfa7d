import { number } from '../timeline/format';
import { span, type Report, type ReportValue } from './model';

/** The database keeps no order of names: these come first, in this order. */
const ORDER = [
  ...['code', 'category', 'releases', 'succeeded', 'failed', 'successRate', 'groups'],
  ...['cacheHits', 'cacheHitRate', 'calls', 'releasesPerMinute', 'seconds'],
];

type Rows = Record<string, ReportValue>[];

/** What a run has come to: its numbers, and a table for each list of rows that has any. */
export function ReportTables({ report }: { report: Report }) {
  const values: [string, ReportValue][] = [];
  const lists: [string, Rows][] = [];
  for (const name of Object.keys(report).sort(byOrder)) {
    const value = report[name] ?? null;
    if (!Array.isArray(value)) values.push([name, value]);
    else if (value.length > 0) lists.push([name, value]);
  }
  return (
    <section className="report" aria-label="Report">
      <dl>
        {values.map(([name, value]) => (
          <div key={name}>
            <dt>{wordsOf(name)}</dt>
            <dd>{textOf(name, value)}</dd>
          </div>
        ))}
      </dl>
      {lists.map(([name, rows]) => (
        <RowsTable key={name} name={name} rows={rows} />
      ))}
    </section>
  );
}

function RowsTable({ name, rows }: { name: string; rows: Rows }) {
  const columns = Object.keys(rows[0] ?? {}).sort(byOrder);
  return (
    <table>
      <caption>{wordsOf(name)}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {wordsOf(column)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, place) => (
          <tr key={place}>
            {columns.map((column) => (
              <td key={column}>{textOf(column, row[column] ?? null)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const rankOf = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
const byOrder = (one: string, other: string): number => rankOf(one) - rankOf(other) || one.localeCompare(other);

/** "cacheHitRate" -> "Cache hit rate" */
function wordsOf(name: string): string {
  if (name === 'seconds') return 'Time';
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function textOf(name: string, value: ReportValue): string {
  if (value === null) return '-';
  if (typeof value !== 'number') return String(value);
  if (name.endsWith('Rate')) return `${(100 * value).toFixed(1)} %`;
  return name === 'seconds' ? span(value) : number(value);
}
