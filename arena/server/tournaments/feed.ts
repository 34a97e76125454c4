/** Tells watchers of tournaments, of their list and of the run's ratings what is new, once a second at most. */
import type { Logger } from 'pino';
import { encode, type ClientMessageOf, type ServerMessage, type TournamentView } from '#arena/protocol';
import type { Connection } from '../connection.js';
import type { LibraryPlaces } from './library.js';
import type { News } from './questions.js';
import { Reader } from './reader.js';

const INTERVAL = 1000;
/** Seconds without a watcher after which the reading thread is ended. */
const IDLE = 120;

interface Watched { version: string; view: TournamentView }

export class TournamentFeed {
  private readonly reader: Reader;
  private readonly connections: ReadonlySet<Connection>;
  private readonly log: Logger;
  /** What was told last: of each tournament that somebody watches, of the list, of the ratings. */
  private readonly watched = new Map<string, Watched>();
  private list: { version: string; message: ServerMessage } | undefined;
  private ratings: { version: string; message: ServerMessage } | undefined;
  private readonly timer: NodeJS.Timeout;
  private asking = false;
  private again = false;
  private idle = 0;

  constructor(places: LibraryPlaces, connections: ReadonlySet<Connection>, log: Logger) {
    this.reader = new Reader(places);
    this.connections = connections;
    this.log = log;
    this.timer = setInterval(() => this.look(), INTERVAL);
    this.timer.unref();
  }

  close(): Promise<void> {
    clearInterval(this.timer);
    return this.reader.close();
  }

  /** A watcher of the list, or of the run's ratings, who has just come. */
  opening(connection: Connection, topic: 'tournaments' | 'training'): void {
    const last = topic === 'tournaments' ? this.list : this.ratings;
    if (last !== undefined) connection.send(last.message);
    this.look();
  }

  watch(connection: Connection, { tournamentId, requestId }: ClientMessageOf<'watch-tournament'>): void {
    connection.tournament = tournamentId === null ? undefined : { id: tournamentId, requestId };
    if (tournamentId === null) return;
    const view = this.watched.get(tournamentId)?.view;
    if (view === undefined) return this.look();
    connection.send({ type: 'tournament', requestId, tournament: view });
    connection.tournament = { id: tournamentId };
  }

  async games({ requestId, tournamentId, players, offset }: ClientMessageOf<'tournament-games'>): Promise<ServerMessage> {
    const { total, games } = await this.reader.ask({ ask: 'games', id: tournamentId, players, offset });
    return { type: 'tournament-games', requestId, tournamentId, offset, total, games: [...games] };
  }

  async game({ requestId, tournamentId, game }: ClientMessageOf<'tournament-game'>): Promise<ServerMessage> {
    return { type: 'tournament-game', requestId, tournamentId, game: await this.reader.ask({ ask: 'game', id: tournamentId, game }) };
  }

  async runs({ requestId }: ClientMessageOf<'runs'>): Promise<ServerMessage> {
    return { type: 'runs', requestId, runs: [...await this.reader.ask({ ask: 'runs' })] };
  }

  async runHistory({ requestId, run }: ClientMessageOf<'run-history'>): Promise<ServerMessage> {
    return { type: 'run-history', requestId, ...await this.reader.ask({ ask: 'run', id: run }) };
  }

  /** Asks for what is new; when an answer is awaited already, once more after it. */
  private look(): void {
    this.again ||= this.asking;
    if (this.asking) return;
    const ids = new Set<string>();
    let [list, training] = [false, false];
    for (const { tournament, topics } of this.connections) {
      if (tournament !== undefined) ids.add(tournament.id);
      list ||= topics.has('tournaments');
      training ||= topics.has('training');
    }
    for (const id of this.watched.keys()) if (!ids.has(id)) this.watched.delete(id);
    if (!list) this.list = undefined;
    if (ids.size === 0 && !list && !training) {
      if (++this.idle === IDLE) this.reader.close().catch((error: unknown) => this.log.error({ err: error }, 'the reader of tournaments did not end'));
      return;
    }
    this.idle = 0;
    this.asking = true;
    this.reader.ask({
      ask: 'news', views: [...ids].map((id) => ({ id, known: this.watched.get(id)?.version ?? '' })),
      list: list ? (this.list?.version ?? '') : null, ratings: training ? (this.ratings?.version ?? '') : null,
    })
      .then((news) => this.tell(news), (error: unknown) => this.log.error({ err: error }, 'tournaments cannot be read'))
      .finally(() => {
        this.asking = false;
        if (!this.again) return;
        this.again = false;
        this.look();
      });
  }

  private tell({ views, gone, list, ratings }: News): void {
    for (const { id, version, view } of views) {
      this.watched.set(id, { version, view });
      const bytes = encode({ type: 'tournament', tournament: view });
      for (const connection of this.connections) {
        if (connection.tournament?.id !== id) continue;
        const { requestId } = connection.tournament;
        if (requestId === undefined) connection.sendNews(bytes);
        else connection.send({ type: 'tournament', requestId, tournament: view });
        connection.tournament = { id };
      }
    }
    for (const { id, message } of gone) {
      for (const connection of this.connections) {
        if (connection.tournament?.id !== id) continue;
        connection.send({ type: 'error', requestId: connection.tournament.requestId, code: 'unknown-tournament', message });
        connection.tournament = undefined;
      }
    }
    if (list !== undefined) this.list = { version: list.version, message: this.toTopic('tournaments', { type: 'tournaments', tournaments: [...list.tournaments] }) };
    if (ratings !== undefined) this.ratings = { version: ratings.version, message: this.toTopic('training', { type: 'rating-list', list: ratings.list }) };
  }

  private toTopic(topic: 'tournaments' | 'training', message: ServerMessage): ServerMessage {
    const bytes = encode(message);
    for (const connection of this.connections) if (connection.greeted && connection.topics.has(topic)) connection.sendNews(bytes);
    return message;
  }
}
