/**
 * `ludus uci`: any agent as a chess engine. Lines are heard on this thread and answered at once; the agent thinks in a
 * worker thread, keeps its tree from move to move, and can be stopped at any moment. Whatever a program sends, a `go` is
 * answered by exactly one `bestmove`, and nothing but `quit` ends the session.
 */
import { UserError } from '#engine';
import { makeFen, makeUci } from '#games/chess';
import type { Analysis } from '../agents/agent.js';
import { allot } from '../agents/allot.js';
import { AgentHost, type HostOptions } from '../agents/hosted.js';
import { UciBoard } from './board.js';
import { type GoCommand, parseCommand } from './command.js';
import { infoLines } from './info.js';
import { type UciSettings, describeOptions, setOption } from './options.js';

/** Of a position in the tree, with its moves: 35 are common, of 29 bytes each, and some for its growth. */
const NODE_BYTES = 1200;

/** An agent that was told to stop has this long; then its last word counts. */
const STOP_PATIENCE_MILLIS = 1000;
/** Reports are no closer than this, */
const REPORT_MILLIS = 100;
/** and, while the expected move stays the same, this. */
const REPEAT_MILLIS = 500;

export interface UciOptions {
  readonly agent: string;
  /** The variant of chess that the agent has learnt; chess by default. */
  readonly game?: string;
  readonly device?: HostOptions['device'];
  readonly threads?: number;
  /** As `id name`. */
  readonly title: string;
  /** Without the line's end. */
  readonly write: (line: string) => void;
}

/** A search that runs or waits to run. */
interface Search {
  /** Ends it with what it has. */
  readonly stop: AbortController;
  /** Settled when the program may be told the move: `infinite` and `ponder` wait for its word. */
  readonly released: Promise<void>;
  readonly release: () => void;
  /** It has no end of its own. */
  readonly endless: boolean;
  /** When its `go` came: its time runs from then on, also while the agent is still starting. */
  readonly asked: number;
  /** Milliseconds that it may take; from `ponderhit` on where it ponders. */
  readonly millis: number | undefined;
}

export class UciSession {
  /** Settled when the session is over; rejects with UserError when the first agent cannot start. */
  readonly over: Promise<void>;
  private end: () => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;
  private readonly options: UciOptions;
  private readonly settings: UciSettings;
  private board: UciBoard;
  /** The agent that plays, and the settings that it was started with. */
  private host: (Pick<UciSettings, 'agent' | 'threads' | 'hash'> & { readonly ready: AgentHost }) | undefined;
  private readonly searches: Search[] = [];
  /** Searches and changes of the agent, one after the other. */
  private queue: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(options: UciOptions) {
    this.options = options;
    this.settings = { agent: options.agent, threads: options.threads ?? 1, hash: 256, multipv: 1, simulations: 0, overhead: 50, showOutcomes: false };
    this.board = UciBoard.read(undefined, []) as UciBoard;
    this.over = new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
    this.enqueue(() => this.prepare());
  }

  hear(line: string): void {
    if (this.closed) return;
    const command = parseCommand(line);
    switch (command.kind) {
      case 'empty':
        break;
      case 'uci':
        for (const text of [`id name ${this.options.title}`, 'id author the Ludus project', ...describeOptions(this.settings), 'uciok']) this.say(text);
        break;
      case 'isready':
        // Answered at once while it thinks; otherwise when everything asked before is done.
        if (this.searches.length > 0) this.say('readyok');
        else this.enqueue(async () => {
          await this.prepare();
          this.say('readyok');
        });
        break;
      case 'ucinewgame':
        this.stop();
        this.board = UciBoard.read(undefined, []) as UciBoard;
        break;
      case 'setoption':
        this.set(command.name, command.value);
        break;
      case 'position': {
        const board = UciBoard.read(command.fen, command.moves);
        if (typeof board === 'string') this.note(`${board}; the position before stays`);
        else this.board = board;
        break;
      }
      case 'go':
        this.go(command);
        break;
      case 'stop':
        this.stop();
        break;
      case 'ponderhit':
        for (const { release, millis, stop } of this.searches) {
          if (millis !== undefined) setTimeout(() => stop.abort(), millis).unref();
          release();
        }
        break;
      case 'display':
        this.note(makeFen(this.board.position));
        break;
      case 'quit':
        void this.close();
        break;
      case 'wrong':
        this.note(command.message);
        break;
      case 'unknown':
        this.note(`not understood: ${line.trim().slice(0, 80)}`);
        break;
      default:
        command satisfies never;
    }
  }

  /** No more lines will come: a search with an end of its own reaches it, others are stopped, and the session is over. */
  hearEnd(): void {
    for (const { endless, stop, release } of this.searches) {
      if (endless) stop.abort();
      release();
    }
    this.enqueue(() => this.close());
  }

  private say(line: string): void {
    if (!this.closed) this.options.write(line);
  }

  private note(text: string): void {
    // What came from outside goes back without what a terminal would obey.
    this.say(`info string ${text.replaceAll(/\p{C}/gu, '?')}`);
  }

  private enqueue(task: () => Promise<unknown>): void {
    this.queue = this.queue.then(async () => {
      if (!this.closed) await task();
    }).catch((error: unknown) => {
      this.note(error instanceof Error ? error.message : String(error));
      if (this.host === undefined) this.fail(error);
    });
  }

  private async close(): Promise<void> {
    this.closed = true;
    this.stop();
    await this.host?.ready.close();
    this.end();
  }

  private set(name: string, value: string | undefined): void {
    try {
      const key = setOption(this.settings, name, value);
      if (key === 'agent' || key === 'threads' || key === 'hash') this.enqueue(() => this.prepare());
    } catch (error) {
      this.note(error instanceof UserError ? error.message : String(error));
    }
  }

  /** Starts the agent that the settings ask for; one that cannot start leaves the one before in its place. */
  private async prepare(): Promise<AgentHost> {
    const { agent, threads, hash } = this.settings;
    const before = this.host;
    if (before !== undefined && before.agent === agent && before.threads === threads && before.hash === hash) return before.ready;
    try {
      const ready = await AgentHost.start({ game: this.options.game ?? 'chess', agent, threads, maxNodes: Math.floor((hash * 2 ** 20) / NODE_BYTES), device: this.options.device });
      this.host = { agent, threads, hash, ready };
    } catch (error) {
      if (before === undefined) throw error;
      this.settings.agent = before.agent;
      this.settings.threads = before.threads;
      this.settings.hash = before.hash;
      this.note(`${error instanceof Error ? error.message : String(error)}; ${before.agent} plays on`);
      return before.ready;
    }
    await before?.ready.close();
    return this.host.ready;
  }

  private stop(): void {
    for (const { stop, release } of this.searches) {
      stop.abort();
      release();
    }
  }

  private go(command: GoCommand): void {
    this.stop();
    if (command.ignored.length > 0) this.note(`passed over in go: ${command.ignored.join(' ').slice(0, 80)}`);
    const { board } = this;
    const millis = this.millisFor(command);
    const stop = new AbortController();
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    if (!command.infinite && !command.ponder) release();
    const search: Search = { stop, released, release, millis, asked: performance.now(), endless: command.infinite || command.ponder || command.mate !== undefined };
    this.searches.push(search);
    this.enqueue(async () => {
      try {
        await this.search(board, command, search);
      } finally {
        this.searches.splice(this.searches.indexOf(search), 1);
      }
    });
  }

  /** Milliseconds for this move; undefined when no time was given. */
  private millisFor({ movetime, wtime, btime, winc = 0, binc = 0, movestogo, infinite }: GoCommand): number | undefined {
    const { overhead } = this.settings;
    if (infinite) return undefined;
    if (movetime !== undefined) return Math.max(1, movetime - Math.min(overhead, movetime / 10));
    const [own, opponent, increment] = this.board.position.side === 0 ? [wtime, btime, winc] : [btime, wtime, binc];
    if (own === undefined) return undefined;
    return allot({ own, opponent: opponent ?? own, increment }, movestogo === undefined || movestogo === 0 ? Infinity : movestogo, overhead);
  }

  private async search(board: UciBoard, command: GoCommand, search: Search): Promise<void> {
    const moves = board.moves();
    const names = moves.map((move) => makeUci(board.position, move));
    if (moves.length === 0 || board.dead) {
      this.say(`info depth 0 score ${moves.length === 0 && board.position.inCheck() ? 'mate 0' : 'cp 0'}`);
      await search.released;
      this.say(`bestmove ${names[0] ?? '(none)'}`);
      return;
    }
    let line = [names[0]];
    try {
      const analysis = await this.think(board, command, search);
      if (analysis !== undefined) line = board.line(analysis.lines?.[0]?.actions ?? [analysis.action]);
    } catch (error) {
      this.note(error instanceof Error ? error.message : String(error));
    }
    await search.released;
    this.say(`bestmove ${line[0]}${line.length > 1 ? ` ponder ${line[1]}` : ''}`);
  }

  /** What the agent found; undefined when it was stopped before it had anything. */
  private async think(board: UciBoard, command: GoCommand, { stop, millis, asked }: Search): Promise<Analysis | undefined> {
    const { multipv, simulations, showOutcomes } = this.settings;
    const host = await this.prepare();
    let last: Analysis | undefined;
    let told: { readonly at: number; readonly action: number } | undefined;
    const tell = (analysis: Analysis): void => {
      told = { at: performance.now(), action: analysis.action };
      for (const text of infoLines(analysis, board, told.at - asked, showOutcomes)) this.say(text);
    };
    const nodes = Math.min(command.nodes ?? Infinity, simulations === 0 ? Infinity : simulations);
    const limits = {
      ...(nodes === Infinity ? {} : { simulations: Math.max(1, nodes) }),
      ...(millis === undefined || command.ponder ? {} : { millis: Math.max(1, millis - (performance.now() - asked)) }),
      ...(command.depth === undefined ? {} : { depth: Math.max(1, command.depth) }),
    };
    const bare = Object.keys(limits).length === 0 && !command.infinite && !command.ponder && command.mate === undefined;
    const only = this.restricted(board, command);
    const cancel = new AbortController();
    const answer = host.analyse({ position: board.travelling, seed: 'uci' }, {
      stop: stop.signal,
      signal: cancel.signal,
      think: { limits: bare ? this.ownLimits(host) : limits, lines: multipv, ...(only === undefined ? {} : { only }) },
      onProgress: (analysis) => {
        last = analysis;
        const since = told === undefined ? Infinity : performance.now() - told.at;
        if (since >= (told?.action === analysis.action ? REPEAT_MILLIS : REPORT_MILLIS)) tell(analysis);
      },
    });
    const found = await Promise.race([answer, this.patience(stop.signal, answer)]);
    if (found === undefined) {
      cancel.abort(new Error('it did not stop'));
      answer.catch(() => undefined);
      return last;
    }
    tell(found);
    return found;
  }

  /** Settled some time after the stop, if the answer has not come till then. */
  private patience(stop: AbortSignal, answer: Promise<unknown>): Promise<undefined> {
    return new Promise((resolve) => {
      const wait = (): void => {
        const timer = setTimeout(() => resolve(undefined), STOP_PATIENCE_MILLIS);
        void answer.catch(() => undefined).finally(() => clearTimeout(timer));
      };
      if (stop.aborted) wait();
      else stop.addEventListener('abort', wait, { once: true });
    });
  }

  /** The agent's own count or time, for a `go` that says nothing. */
  private ownLimits({ spec }: AgentHost): { simulations?: number; millis?: number } {
    if (spec.kind !== 'az' && spec.kind !== 'uct') return {};
    return spec.options.time > 0 ? { millis: spec.options.time } : { simulations: spec.options.sims };
  }

  /** The actions of `searchmoves`; undefined: all. */
  private restricted(board: UciBoard, { searchmoves }: GoCommand): readonly number[] | undefined {
    if (searchmoves.length === 0) return undefined;
    const only = board.actions(searchmoves);
    if (only.length > 0) return only;
    this.note('none of the searchmoves is legal: all moves are searched');
    return undefined;
  }
}
