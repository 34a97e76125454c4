/**
 * Portable Game Notation (Steven J. Edwards, 1994), in and out, on our own position.
 * Reading keeps tags, moves, the result and evaluations ([%eval …]); other comments, glyphs and variations are skipped.
 */
import { actionOf, moveOf } from './actions.js';
import { makeEvalCommand, parseEvalCommand, type Evaluation } from './evaluation.js';
import { INITIAL_FEN, failed, initialPosition, makeFen, parseFen } from './fen.js';
import type { Parsed } from './fen.js';
import { UNDO_WORDS } from './position.js';
import type { Position } from './position.js';
import { NO_MOVE, makeSan, parseSan } from './san.js';

export const RESULTS = ['1-0', '0-1', '1/2-1/2', '*'] as const;
export type Result = (typeof RESULTS)[number];

export interface PgnGame {
  /** Names and values, in order; without Result, SetUp and FEN, which the fields below say. */
  readonly tags: readonly (readonly [name: string, value: string])[];
  /** Where the game began. */
  readonly fen: string;
  /** Legal actions of the chess game's table, one a ply. A record may go on where our rules end the game as drawn. */
  readonly actions: readonly number[];
  readonly result: Result;
  /** What comments say of the position after the ply of the same index, White's view; left out when they say nothing. */
  readonly evaluations?: readonly (Evaluation | undefined)[];
}

/** The tags every game must have, in their order, and what stands for an unknown value. */
const ROSTER = [['Event', '?'], ['Site', '?'], ['Date', '????.??.??'], ['Round', '?'], ['White', '?'], ['Black', '?'], ['Result', '*']] as const;
const FIELDS = ['Result', 'SetUp', 'FEN'];
const STANDARD = ['standard', 'chess', 'normal', 'from position'];
const CHESS960 = ['chess960', 'chess 960', 'fischerandom', 'fischer random', 'freestyle'];
const WIDTH = 80;

/** One game. An error names the line, counted from `line`, the number of the text's first. */
export function parsePgn(text: string, line = 1): Parsed<PgnGame> {
  return new Reader(text, line).read();
}

class Reader {
  private readonly text: string;
  private readonly firstLine: number;
  private at = 0;
  private readonly undo = new Int32Array(UNDO_WORDS);
  private readonly tags: [string, string][] = [];
  private readonly fields = new Map<string, string>();

  constructor(text: string, line: number) {
    // A byte order mark may open a file.
    this.text = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    this.firstLine = line;
  }

  read(): Parsed<PgnGame> {
    const error = this.readTags();
    if (error !== undefined) return this.failed(error);
    const tagged = this.fields.get('Result') ?? '*';
    if (!isResult(tagged)) return this.failed(`the result '${tagged}' is none of ${RESULTS.join(' ')}`);
    const variant = (this.tags.find(([name]) => name === 'Variant')?.[1] ?? 'standard').toLowerCase();
    const chess960 = CHESS960.includes(variant);
    if (!chess960 && !STANDARD.includes(variant)) return this.failed(`the variant '${variant}' is not played here`);
    const fen = this.fields.get('FEN');
    const setup = fen === undefined ? undefined : parseFen(fen, { chess960 });
    if (setup !== undefined && !setup.ok) return this.failed(`FEN: ${setup.error}`);
    const position = setup?.value ?? initialPosition();
    const from = setup === undefined ? INITIAL_FEN : makeFen(position);
    const actions: number[] = [];
    const evaluations: (Evaluation | undefined)[] = [];
    const end = this.readMoves(position, actions, evaluations);
    if (end.error !== undefined) return this.failed(end.error);
    if (this.tags.length === 0 && this.fields.size === 0 && actions.length === 0 && end.result === undefined) return this.failed('there is no game');
    const result = end.result === undefined || end.result === '*' ? tagged : end.result;
    return { ok: true, value: { tags: this.tags, fen: from, actions, result, ...(evaluations.length === 0 ? {} : { evaluations }) } };
  }

  private failed(error: string): { readonly ok: false; readonly error: string } {
    let line = this.firstLine;
    for (let i = this.text.indexOf('\n'); i >= 0 && i < this.at; i = this.text.indexOf('\n', i + 1)) line++;
    return failed(`line ${line}: ${error}`);
  }

  /** Reads the tag pairs up to the moves; returns what is wrong with them. */
  private readTags(): string | undefined {
    const { text } = this;
    const tag = /\[\s*([A-Za-z0-9_+#=:-]+)\s*"((?:[^"\\\n]|\\.)*)"\s*\]/y;
    for (;;) {
      this.skipSpace();
      if (text[this.at] !== '[') return undefined;
      tag.lastIndex = this.at;
      const match = tag.exec(text);
      if (match === null) return `'${firstLine(text, this.at)}' is no tag: [Name "value"]`;
      const value = match[2].replaceAll(/\\(["\\])/g, '$1');
      if (FIELDS.includes(match[1])) this.fields.set(match[1], value);
      else this.tags.push([match[1], value]);
      this.at = tag.lastIndex;
    }
  }

  private skipSpace(): void {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.at);
      // A line that begins with % is no part of the game.
      if (code <= 32 || code === 0xa0) this.at++;
      else if (code === 37 && (this.at === 0 || text[this.at - 1] === '\n')) this.skipLine();
      else return;
    }
  }

  private skipLine(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end + 1;
  }

  /** Plays the moves on the position, to the result or the text's end. */
  private readMoves(position: Position, actions: number[], evaluations: (Evaluation | undefined)[]): { result?: Result; error?: string } {
    const { text } = this;
    for (;;) {
      this.skipSpace();
      const begin = this.at;
      const letter = text[begin];
      if (letter === undefined) return {};
      if (letter === '{') {
        const end = text.indexOf('}', begin);
        if (end < 0) return { error: 'a comment has no closing }' };
        const command = text.indexOf('[%eval', begin);
        const evaluation = actions.length > 0 && command >= 0 && command < end ? parseEvalCommand(text.slice(command, end)) : undefined;
        if (evaluation !== undefined) evaluations[actions.length - 1] = evaluation;
        this.at = end + 1;
      } else if (letter === ';') {
        this.skipLine();
      } else if (letter === '(') {
        if (!this.skipVariation()) return { error: 'a variation has no closing )' };
      } else if (letter === '$' || letter === '!' || letter === '?') {
        this.at++;
        while (/[0-9!?]/.test(text[this.at] ?? '')) this.at++;
      } else if (letter === ')' || letter === '}' || letter === '[') {
        return { error: `'${letter}' where a move should be` };
      } else {
        const word = this.word();
        if (isResult(word)) return this.rest(word);
        const san = withoutNumber(word);
        if (san === '' || san === 'e.p.') continue;
        const move = parseSan(position, san);
        if (move === NO_MOVE) {
          this.at = begin;
          return { error: `'${san}' is not a legal move at ${moveNumber(position)}` };
        }
        actions.push(actionOf(move, position.side));
        position.make(move, this.undo, 0);
      }
    }
  }

  /** Nothing but comments may follow the result. */
  private rest(result: Result): { result?: Result; error?: string } {
    for (;;) {
      this.skipSpace();
      const letter = this.text[this.at];
      if (letter === undefined) return { result };
      if (letter === ';') this.skipLine();
      else if (letter !== '{') return { error: `text after the game's end: '${firstLine(this.text, this.at)}'` };
      else if ((this.at = this.text.indexOf('}', this.at) + 1) === 0) {
        this.at = this.text.length;
        return { error: 'a comment has no closing }' };
      }
    }
  }

  /** Skips a variation with all that is inside it; false when it has no end. */
  private skipVariation(): boolean {
    const { text } = this;
    const begin = this.at;
    for (let depth = 0, at = begin; at < text.length; at++) {
      const letter = text[at];
      if (letter === '(') depth++;
      else if (letter === ')' && --depth === 0) {
        this.at = at + 1;
        return true;
      } else if (letter === '{' || letter === ';') {
        at = text.indexOf(letter === '{' ? '}' : '\n', at);
        if (at < 0) return false;
      }
    }
    return false;
  }

  /** Reads up to a space or a sign that ends a word. */
  private word(): string {
    const { text } = this;
    const begin = this.at;
    let end = begin + 1;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code <= 32 || code === 0xa0 || code === 123 || code === 125 || code === 40 || code === 41 || code === 59 || code === 36 || code === 91) break;
    }
    this.at = end;
    return text.slice(begin, end);
  }
}

function isResult(word: string): word is Result {
  return (RESULTS as readonly string[]).includes(word);
}

/** '12.e4' -> 'e4', '12...' -> ''; castling may be written with zeros. */
function withoutNumber(word: string): string {
  let at = 0;
  for (let code = word.charCodeAt(0); code >= 48 && code <= 57; code = word.charCodeAt(++at));
  if (at > 0 && at < word.length && word[at] !== '.') return word;
  while (word[at] === '.') at++;
  return at === 0 ? word : word.slice(at);
}

function moveNumber(position: Position): string {
  return `${position.fullMove}${position.side === 0 ? '.' : '...'}`;
}

function firstLine(text: string, at: number): string {
  const line = text.slice(at, at + 60).split('\n')[0].trimEnd();
  return at + 60 < text.length && line.length === 60 ? `${line}…` : line;
}

/**
 * PGN of a game, in the form of the export format: the roster's tags first, lines under 80 columns. A new line in a
 * value becomes a space. Reading it back gives the game again, with the roster complete.
 */
export function makePgn(game: PgnGame): string {
  const values = new Map(game.tags);
  const tags = ROSTER.map(([name, unknown]) => [name, name === 'Result' ? game.result : (values.get(name) ?? unknown)] as const);
  const others = game.tags.filter(([name]) => !ROSTER.some(([known]) => known === name));
  const setup = game.fen === INITIAL_FEN ? [] : ([['SetUp', '1'], ['FEN', game.fen]] as const);
  const head = [...tags, ...setup, ...others].map(([name, value]) => `[${name} "${value.replaceAll(/[\r\n]+/g, ' ').replaceAll(/["\\]/g, '\\$&')}"]`);
  return `${head.join('\n')}\n\n${wrapped([...sanWords(game), game.result])}\n`;
}

/** The moves with their numbers. */
function sanWords({ fen, actions, evaluations }: PgnGame): string[] {
  const setup = fen === INITIAL_FEN ? undefined : parseFen(fen, { chess960: true });
  if (setup !== undefined && !setup.ok) throw new Error(`a game from a bad FEN: ${setup.error}`);
  const position = setup?.value ?? initialPosition();
  const undo = new Int32Array(UNDO_WORDS);
  const words: string[] = [];
  for (const [i, action] of actions.entries()) {
    const move = moveOf(action, position);
    if (position.side === 0 || i === 0 || evaluations?.[i - 1] !== undefined) words.push(moveNumber(position));
    words.push(makeSan(position, move));
    const evaluation = evaluations?.[i];
    if (evaluation !== undefined) words.push(`{${makeEvalCommand(evaluation)}}`);
    position.make(move, undo, 0);
  }
  return words;
}

function wrapped(words: readonly string[]): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length >= WIDTH) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  lines.push(line);
  return lines.join('\n');
}
