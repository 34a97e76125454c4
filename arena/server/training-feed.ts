/** Keeps what a watcher of the run must know, and passes news on no faster than a person can follow. */
import type { Logger } from 'pino';
import type { CheckpointView, SelfPlayBoard, Series, ServerMessage } from '#arena/protocol';
import { Curves, append, toSeries } from './curves.js';
import type { TrainingNews, TrainingView } from './training-view.js';

/** Milliseconds between broadcasts of each kind: five a second. */
const INTERVAL = 200;

export class TrainingFeed {
  readonly view: TrainingView;
  private readonly broadcast: (message: ServerMessage) => void;
  private readonly onCheckpoints: (checkpoints: readonly CheckpointView[]) => void;
  private readonly log: Logger;
  private readonly curves = new Curves();
  private checkpoints: readonly CheckpointView[] = [];
  private board: SelfPlayBoard | undefined;
  private fresh = { status: false, board: false, series: new Map<string, Series>() };
  private readonly timer: NodeJS.Timeout;
  private readonly unlisten: () => void;

  private constructor(view: TrainingView, broadcast: (message: ServerMessage) => void, onCheckpoints: (checkpoints: readonly CheckpointView[]) => void, log: Logger) {
    this.view = view;
    this.broadcast = broadcast;
    this.onCheckpoints = onCheckpoints;
    this.log = log;
    this.unlisten = view.listen((news) => this.hear(news));
    this.timer = setInterval(() => this.tell(), INTERVAL);
    this.timer.unref();
  }

  static async start(
    view: TrainingView, broadcast: (message: ServerMessage) => void, onCheckpoints: (checkpoints: readonly CheckpointView[]) => void, log: Logger,
  ): Promise<TrainingFeed> {
    const past = await view.history();
    const feed = new TrainingFeed(view, broadcast, onCheckpoints, log);
    for (const sample of past) feed.curves.add(sample);
    await feed.refreshCheckpoints();
    return feed;
  }

  /** All that a new watcher needs. */
  opening(): ServerMessage[] {
    return [
      { type: 'training-status', status: this.view.status() },
      { type: 'training-history', series: this.curves.all() },
      { type: 'checkpoints', checkpoints: [...this.checkpoints] },
      ...(this.view.settings === undefined ? [] : [{ type: 'training-settings' as const, settings: this.view.settings() }]),
      ...(this.board === undefined ? [] : [{ type: 'self-play' as const, board: this.board }]),
    ];
  }

  close(): void {
    clearInterval(this.timer);
    this.unlisten();
  }

  private hear(news: TrainingNews): void {
    switch (news.kind) {
      case 'status':
        this.fresh.status = true;
        return;
      case 'sample':
        this.curves.add(news.sample);
        for (const series of toSeries(news.sample)) {
          const waiting = this.fresh.series.get(series.name);
          if (waiting === undefined) this.fresh.series.set(series.name, series);
          else append(waiting, series);
        }
        this.fresh.status = true;
        return;
      case 'checkpoints':
        this.refreshCheckpoints().catch((error: unknown) => this.log.error({ err: error }, 'the checkpoints of the run cannot be listed'));
        return;
      case 'board':
        this.board = news.board;
        this.fresh.board = true;
        return;
      default:
        news satisfies never;
    }
  }

  private async refreshCheckpoints(): Promise<void> {
    this.checkpoints = await this.view.checkpoints();
    this.onCheckpoints(this.checkpoints);
    this.broadcast({ type: 'checkpoints', checkpoints: [...this.checkpoints] });
  }

  private tell(): void {
    const { status, board, series } = this.fresh;
    if (status) this.broadcast({ type: 'training-status', status: this.view.status() });
    if (board && this.board !== undefined) this.broadcast({ type: 'self-play', board: this.board });
    if (series.size > 0) this.broadcast({ type: 'training-append', series: [...series.values()] });
    this.fresh = { status: false, board: false, series: new Map() };
  }
}
