/** Cuts a stream of PGN into games, a chunk of text at a time, so that files of any size are read in little memory. */

export interface PgnText {
  /** One game, tags and moves. */
  readonly text: string;
  /** Number of its first line, from 1. */
  readonly line: number;
}

/** Text of a game beyond which nothing is kept of it, and of a line beyond which it is cut: such a game cannot be read. */
const MOST = 1 << 20;

/**
 * A game ends where a line that opens a tag follows moves. Such a line inside a comment belongs to the comment; but one
 * that opens an Event tag always begins a game, so that an unclosed comment spoils one game, not the rest of the file.
 */
export class PgnSplitter {
  private partial = '';
  private lines: string[] = [];
  private length = 0;
  private firstLine = 1;
  private line = 0;
  private inMoves = false;
  private inComment = false;

  /** Takes the next chunk, cut anywhere; returns the games that it completes. */
  push(chunk: string): PgnText[] {
    const games: PgnText[] = [];
    const lines = (this.partial + chunk).split('\n');
    this.partial = lines.pop() ?? '';
    for (const line of lines) this.take(line, games);
    if (this.partial.length > MOST) {
      this.take(this.partial, games);
      this.line--;
      this.partial = '';
    }
    return games;
  }

  /** The last game, when the stream has ended; the splitter may then begin anew. */
  end(): PgnText[] {
    const games: PgnText[] = [];
    if (this.partial !== '') this.take(this.partial, games);
    this.finish(games);
    this.partial = '';
    this.line = 0;
    return games;
  }

  private take(line: string, games: PgnText[]): void {
    // A byte order mark may open a file.
    if (this.line++ === 0 && line.charCodeAt(0) === 0xfeff) line = line.slice(1);
    const opensTag = line.startsWith('[');
    if (opensTag && this.inMoves && (!this.inComment || line.startsWith('[Event '))) this.finish(games);
    if (this.lines.length === 0) {
      if (line.trim() === '') return;
      this.firstLine = this.line;
    }
    if (this.length <= MOST) {
      this.lines.push(line);
      this.length += line.length + 1;
    }
    if (!opensTag && line.trim() !== '') this.inMoves = true;
    if (this.inMoves) this.follow(line);
  }

  /** Keeps track of comments, which may span lines. */
  private follow(line: string): void {
    for (let at = 0; ; ) {
      const next = line.indexOf(this.inComment ? '}' : '{', at);
      if (next < 0) return;
      // What follows a semicolon is a comment up to the line's end.
      const semicolon = this.inComment ? -1 : line.indexOf(';', at);
      if (semicolon >= 0 && semicolon < next) return;
      this.inComment = !this.inComment;
      at = next + 1;
    }
  }

  private finish(games: PgnText[]): void {
    if (this.lines.length > 0) games.push({ text: this.lines.join('\n'), line: this.firstLine });
    this.lines = [];
    this.length = 0;
    this.inMoves = false;
    this.inComment = false;
  }
}
