/** A piece of SQL text and what it is; the texts one after the other are the statement. */
export interface Token {
  text: string;
  kind: 'keyword' | 'string' | 'comment' | 'parameter' | 'other';
}

const PIECES = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\/\*[\s\S]*?\*\/|--[^\n]*|\$\d+|\w+|\s+|[^\s\w]/g;
const KEYWORDS = new Set(
  `ALL AND ANY ARRAY AS ASC BETWEEN BY CASE CROSS DESC DISTINCT ELSE END EXISTS FALSE FETCH FILTER FIRST FROM FULL
  GROUP HAVING ILIKE IN INNER IS JOIN LAST LATERAL LEFT LIKE LIMIT NOT NULL NULLS OFFSET ON OR ORDER ORDINALITY OUTER
  OVER PARTITION RIGHT SELECT THEN TRUE UNION VALUES WHEN WHERE WITH`.split(/\s+/),
);
const CLAUSES = new Set(['FROM', 'WHERE', 'GROUP', 'HAVING', 'ORDER', 'LIMIT', 'OFFSET', 'UNION', 'SELECT']);
const JOINS = new Set(['JOIN', 'LEFT', 'RIGHT', 'FULL', 'INNER', 'CROSS']);
const SHORT = 60;
const INDENT = '  ';

/** An open bracket: whether its content goes on lines of its own, and where the lines around it begin. */
interface Bracket {
  isBlock: boolean;
  base: number;
  line: number;
}

/** Lines at clauses, indented sub-selects. Only white space changes; strings and comments stay as they are. */
export function formatSql(sql: string): Token[] {
  const pieces = sql.trim().match(PIECES) ?? [];
  const tokens: Token[] = [];
  const brackets: Bracket[] = [];
  let base = 0; // indent of clauses
  let line = 0; // indent of the line at hand
  let previous = '';
  let isBetween = false;

  const breakLine = (indent: number) => {
    if (tokens.at(-1)?.text.trim() === '') tokens.pop();
    tokens.push({ text: `\n${INDENT.repeat(indent)}`, kind: 'other' });
    line = indent;
  };
  pieces.forEach((piece, index) => {
    const word = piece.toUpperCase();
    const isInLine = brackets.at(-1)?.isBlock === false;
    if (!isInLine && tokens.length > 0 && startsClause(word, previous)) breakLine(base);
    if (!isInLine && word === 'AND' && !isBetween) breakLine(base + 1);
    if (word === 'BETWEEN' || word === 'AND') isBetween = word === 'BETWEEN';
    if (piece === ')') {
      const bracket = brackets.pop();
      if (bracket?.isBlock) {
        base = bracket.base;
        breakLine(bracket.line);
      }
    }
    tokens.push(tokenOf(piece, word, previous));
    if (piece === '(') {
      brackets.push({ isBlock: opensBlock(pieces, index), base, line });
      if (brackets.at(-1)?.isBlock) breakLine((base = line + 1));
    }
    if (piece.trim() !== '') previous = word;
  });
  return tokens;
}

/** White space becomes one space, but a comment to the end of its line keeps that end. */
function tokenOf(piece: string, word: string, previous: string): Token {
  if (piece.trim() === '') return { text: previous.startsWith('--') ? '\n' : ' ', kind: 'other' };
  return { text: piece, kind: kindOf(piece, word) };
}

function startsClause(word: string, previous: string): boolean {
  if (word === 'FROM') return previous !== 'DISTINCT';
  if (word === 'SELECT') return previous !== '(';
  return CLAUSES.has(word) || (JOINS.has(word) && !JOINS.has(previous) && previous !== 'OUTER');
}

function kindOf(piece: string, word: string): Token['kind'] {
  if (piece.startsWith('/*') || piece.startsWith('--')) return 'comment';
  if (piece.startsWith("'")) return 'string';
  if (piece.startsWith('$')) return 'parameter';
  return KEYWORDS.has(word) ? 'keyword' : 'other';
}

/** Whether the bracket at `index` holds a sub-select too long for one line. */
function opensBlock(pieces: string[], index: number): boolean {
  if (pieces.slice(index + 1).find((piece) => piece.trim() !== '')?.toUpperCase() !== 'SELECT') return false;
  let open = 1;
  let end = index + 1;
  for (; end < pieces.length && open > 0; end += 1) {
    if (pieces[end] === '(') open += 1;
    if (pieces[end] === ')') open -= 1;
  }
  return pieces.slice(index, end).join('').length > SHORT;
}
