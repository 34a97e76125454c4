/** CSV files of chess positions: columns in any order, others passed over, every fault named with its line. */
import { UserError, nearest } from '#engine';
import { INITIAL_FEN, type Position, parseFen } from '#games/chess';

export interface ChessRow<Column extends string> {
  /** Counted from 1, as editors do. */
  readonly line: number;
  /** Without surrounding spaces. */
  readonly cells: Readonly<Record<Column, string>>;
  readonly position: Position;
}

/** UserError('data') that names file and line. */
export const faultyLine = (file: string, line: number, what: string): UserError => new UserError('data', `${file}, line ${line}: ${what}`);

/**
 * Reads the rows with their positions; one of the columns is `fen`, where `startpos` stands for the start of a game. Blank
 * lines and lines that begin with # are skipped, fields may be quoted. Throws UserError('data').
 */
export function readChessTable<const Column extends string>(text: string, file: string, columns: readonly Column[]): ChessRow<Column | 'fen'>[] {
  const wanted: readonly (Column | 'fen')[] = ['fen', ...columns];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const head = lines.findIndex((line) => !blank(line));
  if (head < 0) throw new UserError('data', `${file} is empty: it takes a CSV file with the columns ${wanted.join(',')}`);
  const names = fieldsOf(lines[head]);
  const places = wanted.map((name) => {
    const at = names.indexOf(name);
    if (at >= 0) return at;
    const near = nearest(name, names);
    throw faultyLine(file, head + 1, `no column '${name}'${near === undefined ? '' : ` (there is '${near}')`}; the first line names the columns ${wanted.join(',')}`);
  });
  const rows: ChessRow<Column | 'fen'>[] = [];
  for (let i = head + 1; i < lines.length; i++) {
    if (blank(lines[i])) continue;
    const fields = fieldsOf(lines[i]);
    if (fields.length !== names.length) throw faultyLine(file, i + 1, `${fields.length} fields where the first line names ${names.length}: '${lines[i].slice(0, 60)}'`);
    const cells = Object.fromEntries(wanted.map((name, k) => [name, fields[places[k]]])) as Record<Column | 'fen', string>;
    const parsed = parseFen(cells.fen === 'startpos' ? INITIAL_FEN : cells.fen);
    if (!parsed.ok) throw faultyLine(file, i + 1, parsed.error);
    rows.push({ line: i + 1, cells, position: parsed.value });
  }
  if (rows.length === 0) throw new UserError('data', `${file} names its columns but holds no positions`);
  return rows;
}

const blank = (line: string): boolean => line.trim() === '' || line.startsWith('#');

/** No field here holds a comma, quoted or not. */
const fieldsOf = (line: string): string[] => line.split(',').map((field) => field.trim().replace(/^"(.*)"$/, '$1'));
