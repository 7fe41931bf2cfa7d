import type { Report } from '../../report/report';

/** What an answer took: its SQL statements, or in `words` why that is not known. */
export interface Cost {
  statements: number | null;
  words: string;
  traceUrl: string | null;
}

type Extensions = { marquee?: Report | { refused: string } } | undefined;

/** The cost that `extensions` of an answer tell of. */
export function costOf(extensions: Extensions): Cost {
  const report = extensions?.marquee;
  if (!report) return { statements: null, words: 'This server gives no reports.', traceUrl: null };
  if ('refused' in report) return { statements: null, words: report.refused, traceUrl: null };
  return { statements: report.statements, words: '', traceUrl: report.traceUrl };
}
