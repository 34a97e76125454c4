/**
 * The Universal Chess Interface (Stefan Meyer-Kahlen, 2004) from the side of the program that plays with an engine.
 * Unknown lines are passed over, as the protocol asks; what is not answered in time is an error with a reason.
 */
import { UserError, nearest } from '#engine';
import { type Evaluation, valueOfCentipawns } from '#games/chess';
import { AgentFailure, type ClockReading } from '../player.js';
import { LineProcess, findProgram } from './line-process.js';

/** Milliseconds for an engine to say what it is, and that it is ready. */
const HANDSHAKE_MILLIS = 60_000;
/** After a `stop`, an engine has this long to name its move. */
const STOP_MILLIS = 1000;
/** Lines of one search beyond which an engine only babbles. */
const MOST_LINES = 200_000;

export interface EngineOption {
  readonly name: string;
  readonly type: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices: readonly string[];
}

export interface EngineMove {
  /** As the engine wrote it. */
  readonly move: string;
  /** In [-1, 1], view of the side to move: from win, draw and loss where it tells them, else from centipawns. */
  readonly value?: number;
  readonly nodes?: number;
  readonly depth?: number;
}

/** One line of play as the engine ranks it, with multipv one of several. */
export interface EngineLine {
  /** In coordinates. */
  readonly move: string;
  /** Of the side to move; a mate in n plies of moves is {mate: n}, negative when it is the one mated. */
  readonly score: Evaluation;
}

export interface GoLimits {
  readonly nodes?: number;
  readonly depth?: number;
  readonly movetime?: number;
  /** With which of the two clocks is the mover's. */
  readonly clock?: ClockReading & { readonly white: boolean };
}

export { valueOfCentipawns };

export function parseOption(line: string): EngineOption | undefined {
  const match = /^option name (.+?) type (\w+)(.*)$/.exec(line);
  if (match === null) return undefined;
  const rest = match[3];
  const number = (key: string): number | undefined => {
    const found = new RegExp(` ${key} (-?\\d+)`).exec(rest);
    return found === null ? undefined : Number(found[1]);
  };
  const [min, max] = [number('min'), number('max')];
  return { name: match[1], type: match[2], ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }), choices: [...rest.matchAll(/ var (.+?)(?= var |$)/g)].map((m) => m[1]) };
}

/** What an `info` line adds to what is known; secondary lines of multipv and bounds are passed over. */
export function parseInfo(line: string, before: Omit<EngineMove, 'move'>): Omit<EngineMove, 'move'> {
  if (/ multipv (?!1\b)/.test(line) || line.startsWith('info string')) return before;
  const number = (key: string): number | undefined => {
    const found = new RegExp(` ${key} (-?\\d{1,15})\\b`).exec(line);
    return found === null ? undefined : Number(found[1]);
  };
  const wdl = / wdl (\d+) (\d+) (\d+)/.exec(line);
  const mate = / score mate (-?\d+)/.exec(line);
  const centipawns = / score cp (-?\d+)/.exec(line);
  let { value } = before;
  if (!/ (lowerbound|upperbound)\b/.test(line)) {
    if (mate !== null) value = mate[1].startsWith('-') || mate[1] === '0' ? -1 : 1;
    else if (wdl !== null) value = (Number(wdl[1]) - Number(wdl[3])) / Math.max(1, Number(wdl[1]) + Number(wdl[2]) + Number(wdl[3]));
    else if (centipawns !== null) value = valueOfCentipawns(Number(centipawns[1]));
  }
  const nodes = number('nodes') ?? before.nodes;
  const depth = number('depth') ?? before.depth;
  return { ...(value === undefined ? {} : { value }), ...(nodes === undefined ? {} : { nodes }), ...(depth === undefined ? {} : { depth }) };
}

/** The score and first move of an `info` line; undefined where it has not both, or only bounds the score. */
export function parseLine(line: string): EngineLine | undefined {
  const score = / score (cp|mate) (-?\d{1,9}) (?!lowerbound|upperbound)/.exec(line);
  const move = / pv (\S+)/.exec(line);
  if (score === null || move === null) return undefined;
  return { move: move[1], score: score[1] === 'cp' ? { centipawns: Number(score[2]) } : { mate: Number(score[2]) } };
}

export class UciEngine {
  /** As it calls itself. */
  readonly title: string;
  readonly options: readonly EngineOption[];
  private readonly line: LineProcess;
  private readonly name: string;

  private constructor(name: string, line: LineProcess, title: string, options: readonly EngineOption[]) {
    this.name = name;
    this.line = line;
    this.title = title;
    this.options = options;
  }

  /** Throws UserError('environment') when there is no such program or it is no UCI engine. */
  static async start(nameOrPath: string, handshakeMillis = HANDSHAKE_MILLIS): Promise<UciEngine> {
    const line = new LineProcess(findProgram(nameOrPath));
    let title = nameOrPath;
    const options: EngineOption[] = [];
    try {
      line.send('uci');
      await until(line, handshakeMillis, 'uciok', (text) => {
        if (text.startsWith('id name ')) title = text.slice('id name '.length).slice(0, 100);
        const option = parseOption(text);
        if (option !== undefined) options.push(option);
        return text === 'uciok';
      });
    } catch (error) {
      line.kill();
      throw new UserError('environment', `'${nameOrPath}' does not speak UCI: ${error instanceof Error ? error.message : String(error)}`);
    }
    return new UciEngine(nameOrPath, line, title, options);
  }

  /** undefined while it lives. */
  get gone(): string | undefined {
    return this.line.gone;
  }

  /** Throws UserError('usage') for an option that the engine does not have, or a value beyond its bounds. */
  set(name: string, value: string): void {
    const option = this.options.find((o) => o.name.toLowerCase() === name.toLowerCase());
    if (option === undefined) {
      const near = nearest(name, this.options.map((o) => o.name));
      throw new UserError('usage', `the engine ${this.title} has no option '${name}'${near === undefined ? '' : `; did you mean '${near}'?`}`);
    }
    const { min = -Infinity, max = Infinity } = option;
    if (option.type === 'spin' && !(/^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max)) {
      throw new UserError('usage', `${option.name} of ${this.title} is a whole number from ${min} to ${max}, not '${value}'`);
    }
    if (option.type === 'combo' && !option.choices.includes(value)) throw new UserError('usage', `${option.name} of ${this.title} is one of ${option.choices.join(', ')}, not '${value}'`);
    this.line.send(`setoption name ${option.name} value ${value}`);
  }

  /** Throws AgentFailure when it does not answer. */
  async ready(millis = HANDSHAKE_MILLIS): Promise<void> {
    this.line.send('isready');
    await until(this.line, millis, 'readyok', (text) => text === 'readyok');
  }

  async newGame(): Promise<void> {
    this.line.send('ucinewgame');
    await this.ready();
  }

  /** Throws AgentFailure: 'stall' after `timeoutMillis`, 'crash' when it dies, 'error' when it babbles; the signal's reason when aborted. */
  async go(position: string, limits: GoLimits, timeoutMillis: number, signal?: AbortSignal): Promise<EngineMove> {
    let known: Omit<EngineMove, 'move'> = {};
    const move = await this.search(position, limits, timeoutMillis, (info) => (known = parseInfo(info, known)), signal);
    return { move, ...known };
  }

  /** The engine's best lines, best first: as many as its MultiPV. Throws as `go` does, and 'error' when no line has a score. */
  async analyse(position: string, limits: GoLimits, timeoutMillis: number, signal?: AbortSignal): Promise<EngineLine[]> {
    // Only the last line of each rank is read.
    const latest: string[] = [];
    await this.search(position, limits, timeoutMillis, (info) => {
      const rank = / multipv (\d{1,3}) /.exec(info);
      if (info.includes(' pv ') && !/ (lowerbound|upperbound) /.test(info)) latest[rank === null ? 0 : Number(rank[1]) - 1] = info;
    }, signal);
    const lines = latest.map(parseLine).filter((line) => line !== undefined);
    if (lines.length === 0) throw new AgentFailure('error', `${this.name} names no line of play with a score`);
    return lines;
  }

  /** Hands over every `info` line; the move it names in the end. */
  private async search(position: string, limits: GoLimits, timeoutMillis: number, onInfo: (line: string) => void, signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    this.line.send(`${position}\n${goCommand(limits)}`);
    let move = '';
    let lines = 0;
    const stop = (): void => this.line.send('stop');
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await until(this.line, timeoutMillis, 'its move', (text) => {
        if (++lines > MOST_LINES) throw new AgentFailure('error', `${this.name} writes without end and names no move`);
        if (text.startsWith('info ')) onInfo(text);
        if (!text.startsWith('bestmove')) return false;
        move = text.split(/\s+/)[1] ?? '';
        return true;
      }, stop);
    } catch (error) {
      // An engine that is still thinking would answer the next question with this one's move.
      this.line.kill();
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    signal?.throwIfAborted();
    return move;
  }

  close(): Promise<void> {
    return this.line.close('quit');
  }
}

function goCommand({ nodes, depth, movetime, clock }: GoLimits): string {
  const parts = ['go'];
  if (clock !== undefined) {
    const [white, black] = clock.white ? [clock.own, clock.opponent] : [clock.opponent, clock.own];
    // The opponent's increment is not told to us: both sides' is taken to be the same.
    parts.push(`wtime ${Math.max(1, Math.round(white))} btime ${Math.max(1, Math.round(black))} winc ${clock.increment} binc ${clock.increment}`);
  }
  if (nodes !== undefined) parts.push(`nodes ${nodes}`);
  if (depth !== undefined) parts.push(`depth ${depth}`);
  if (movetime !== undefined) parts.push(`movetime ${movetime}`);
  return parts.join(' ');
}

/** Hears lines until `found`; `late` is called when time is up, after which a grace remains. Throws AgentFailure. */
function until(line: LineProcess, millis: number, what: string, found: (text: string) => boolean, late?: () => void): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    let timer: NodeJS.Timeout;
    let isLate = false;
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      line.onLine = () => undefined;
      line.onExit = () => undefined;
      settle();
    };
    const stalled = (): void => done(() => reject(new AgentFailure('stall', `it did not say ${what} in ${Math.round(millis)} ms`)));
    timer = setTimeout(() => {
      if (late === undefined) return stalled();
      isLate = true;
      late();
      timer = setTimeout(stalled, STOP_MILLIS);
    }, millis);
    line.onExit = (why) => done(() => reject(new AgentFailure('crash', why)));
    line.onLine = (text) => {
      try {
        if (!found(text.trim())) return;
      } catch (error) {
        return done(() => reject(error instanceof Error ? error : new Error(String(error))));
      }
      // An answer that came only because it was told to stop was too late.
      if (isLate) stalled();
      else done(resolve);
    };
    if (line.gone !== undefined) line.onExit(line.gone);
  });
}
