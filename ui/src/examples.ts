import { post } from './fetcher';

/** One file of examples/: its leading comment is title, text and cost; the whole file goes into the editor. */
export interface Example {
  name: string;
  title: string;
  summary: string;
  statements: number;
  query: string;
  /** Whether running it changes the catalogue. */
  isEdit: boolean;
  operationName: string;
  /** Reads ids that exist on this server; they become the variables `id` (the first) and `ids` (all). */
  idsQuery?: string;
}

const FILES = import.meta.glob<string>('../examples/*.graphql', { query: '?raw', import: 'default', eager: true });
const COST = /^(\d+) SQL statements?\b/;
const OPERATION = /^(query|mutation|subscription) (\w+)/m;

export const EXAMPLES: Example[] = Object.keys(FILES)
  .filter((path) => !path.endsWith('.ids.graphql'))
  .sort()
  .map(readExample);

function readExample(path: string): Example {
  const query = FILES[path] as string;
  const operation = OPERATION.exec(query);
  const [title = '', ...lines] = leadingComment(query);
  const cost = lines.map((line) => COST.exec(line)).find((match) => match !== null);
  return {
    name: path.replace(/^.*\/\d+-(.*)\.graphql$/, '$1'),
    title,
    summary: lines.filter((line) => !COST.test(line)).join(' '),
    statements: Number(cost?.[1]),
    query,
    isEdit: operation?.[1] === 'mutation',
    operationName: operation?.[2] ?? '',
    idsQuery: FILES[path.replace(/\.graphql$/, '.ids.graphql')],
  };
}

function leadingComment(query: string): string[] {
  const lines = query.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  return lines.slice(0, end).map((line) => line.replace(/^# ?/, ''));
}

/** Text for the variables editor, empty where the example has no variables to fill. */
export async function exampleVariables(example: Example): Promise<string> {
  if (!example.idsQuery) return '';
  const ids = collectIds(await post({ query: example.idsQuery }));
  return JSON.stringify({ id: ids[0], ids }, null, 2);
}

function collectIds(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === 'id' && typeof child === 'string' ? [child] : collectIds(child),
  );
}
